"""Rows of e-Meeting."""

from __future__ import annotations

from bawaba_emeeting.models.councils import (
    MeetingAdoption,
    MeetingCouncil,
    MeetingMember,
    MeetingRegulation,
    MeetingTerm,
)
from bawaba_emeeting.models.files import MeetingComment, MeetingDocument, MeetingVersion
from bawaba_emeeting.models.minutes import (
    MeetingAmendment,
    MeetingEdition,
    MeetingMinutes,
    MeetingSignature,
)
from bawaba_emeeting.models.sittings import MeetingAgendaItem, MeetingLog, MeetingProxy, MeetingRow
from bawaba_emeeting.models.votes import (
    MeetingBallot,
    MeetingBox,
    MeetingCandidate,
    MeetingElector,
    MeetingMotion,
    MeetingRecusal,
    MeetingRound,
)

__models__ = [
    MeetingAdoption,
    MeetingAgendaItem,
    MeetingAmendment,
    MeetingBallot,
    MeetingBox,
    MeetingCandidate,
    MeetingComment,
    MeetingCouncil,
    MeetingDocument,
    MeetingEdition,
    MeetingElector,
    MeetingLog,
    MeetingMember,
    MeetingMinutes,
    MeetingMotion,
    MeetingProxy,
    MeetingRecusal,
    MeetingRegulation,
    MeetingRound,
    MeetingRow,
    MeetingSignature,
    MeetingTerm,
    MeetingVersion,
]
__all__ = [
    "MeetingAdoption",
    "MeetingAgendaItem",
    "MeetingAmendment",
    "MeetingBallot",
    "MeetingBox",
    "MeetingCandidate",
    "MeetingComment",
    "MeetingCouncil",
    "MeetingDocument",
    "MeetingEdition",
    "MeetingElector",
    "MeetingLog",
    "MeetingMember",
    "MeetingMinutes",
    "MeetingMotion",
    "MeetingProxy",
    "MeetingRecusal",
    "MeetingRegulation",
    "MeetingRound",
    "MeetingRow",
    "MeetingSignature",
    "MeetingTerm",
    "MeetingVersion",
]
