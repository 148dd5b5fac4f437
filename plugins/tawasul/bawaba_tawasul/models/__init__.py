"""Rows of Tawasul."""

from __future__ import annotations

from bawaba_tawasul.models.cases import TawasulCase, TawasulWords
from bawaba_tawasul.models.conversation import (
    TawasulFollower,
    TawasulHistory,
    TawasulIdentityRequest,
    TawasulMessage,
    TawasulNote,
)
from bawaba_tawasul.models.figures import TawasulFact, TawasulSnapshot, TawasulTally
from bawaba_tawasul.models.regulation import (
    TawasulCalendarAmendment,
    TawasulCategory,
    TawasulLadder,
    TawasulRecomputation,
    TawasulTarget,
    TawasulTemplate,
)

__models__ = [
    TawasulCalendarAmendment,
    TawasulCase,
    TawasulCategory,
    TawasulFact,
    TawasulFollower,
    TawasulHistory,
    TawasulIdentityRequest,
    TawasulLadder,
    TawasulMessage,
    TawasulNote,
    TawasulRecomputation,
    TawasulSnapshot,
    TawasulTally,
    TawasulTarget,
    TawasulTemplate,
    TawasulWords,
]
__all__ = [
    "TawasulCalendarAmendment",
    "TawasulCase",
    "TawasulCategory",
    "TawasulFact",
    "TawasulFollower",
    "TawasulHistory",
    "TawasulIdentityRequest",
    "TawasulLadder",
    "TawasulMessage",
    "TawasulNote",
    "TawasulRecomputation",
    "TawasulSnapshot",
    "TawasulTally",
    "TawasulTarget",
    "TawasulTemplate",
    "TawasulWords",
]
