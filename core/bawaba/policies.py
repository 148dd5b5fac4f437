"""What is declared of a field beside its type: who may use it, what it costs, how it is shared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bawaba.live import AudienceKind

__all__ = ["BOUND", "LIVE", "POLICY", "PUBLIC", "LivePolicy", "Policy"]

PUBLIC = "public"
"""The policy of a field that anonymous visitors may use."""
BOUND = "bawaba.bound"
"""The key under which a plain list's metadata holds the most items it may have."""
LIVE = "bawaba.live"
"""The key of a live field's :class:`LivePolicy` in its metadata."""
POLICY = "bawaba.policy"
"""The key of a field's :class:`Policy` in its metadata."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Who may use a field and what it costs.

    ``effect`` marks mutations that move money or count a vote: one of them per operation, and
    their input must have ``idempotencyKey: String!``.
    """

    permission: str
    cost: int = 1
    effect: Literal["money", "vote"] | None = None


@dataclass(frozen=True, slots=True)
class LivePolicy:
    """How a live field is shared and what waits for a slow reader."""

    audiences: frozenset[AudienceKind]
    delivery: Literal["state", "log"]
