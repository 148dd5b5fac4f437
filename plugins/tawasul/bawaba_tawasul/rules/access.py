"""Who sees how much of a case, and what they may do with it now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from bawaba.viewer import Viewer

from bawaba_tawasul.domain import (
    CASE,
    MAX_REOPENINGS,
    OPEN,
    POOR,
    CaseTrigger,
    Sight,
    TawasulAction,
    TawasulStatus,
)

DESK, HANDLE, SUPERVISE = "tawasul.desk", "tawasul.handle", "tawasul.supervise"
COORDINATE, ARBITRATE = "tawasul.coordinate", "tawasul.arbitrate"
A, S, T = TawasulAction, TawasulStatus, CaseTrigger


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What of a case decides about access."""

    status: TawasulStatus
    agency: str
    submitter_id: str
    assignee_id: str | None
    transfer_to: str | None
    hide_identity: bool
    excluded: Collection[str]
    duplicate: bool
    settled: bool
    reopenings: int
    appealed: bool
    rating_score: int | None
    closes_at: dt.datetime | None


def sight(facts: CaseFacts, viewer: Viewer, *, follows: bool, least: Sight = Sight.NONE) -> Sight:
    """Return how much of the case the viewer sees; ``least``: where nothing else lets them see it.

    A citizen sees their own even where they work for the agency: as a citizen, so that nobody
    reads the desk's side of their own case.
    """
    if viewer.person_id is not None and viewer.person_id == facts.submitter_id:
        return Sight.OWN
    if on_desk(facts, viewer):
        return Sight.DESK
    if (facts.status is S.IN_ARBITRATION or facts.settled) and viewer.can(ARBITRATE):
        return Sight.ARBITER
    return Sight.SUMMARY if follows and viewer.person_id is not None else least


def on_desk(facts: CaseFacts, viewer: Viewer) -> bool:
    """Return whether the viewer stands at the desk of the case's agency, or of the one offered."""
    return viewer.can(DESK, facts.agency) or (
        facts.transfer_to is not None and viewer.can(DESK, facts.transfer_to)
    )


def allowed(
    facts: CaseFacts, viewer: Viewer, seen: Sight, at: dt.datetime
) -> frozenset[TawasulAction]:
    """Return what the viewer, who sees the case so, may do with it at that instant."""
    if seen is Sight.OWN:
        return frozenset(_citizen(facts, at))
    if seen is Sight.SUMMARY or (seen is Sight.NONE and viewer.person_id is not None):
        return frozenset({A.FOLLOW} if facts.status in OPEN else ())
    if seen is Sight.ARBITER:
        return frozenset({A.ARBITRATE} if facts.status is S.IN_ARBITRATION else ())
    return frozenset(_desk(facts, viewer))


def _citizen(facts: CaseFacts, at: dt.datetime) -> set[TawasulAction]:
    found: set[TawasulAction] = set()
    if CASE.allows(facts.status, T.WITHDRAWN):
        found.add(A.WITHDRAW)
        found.add(A.REPLY)
    if facts.status is S.AWAITING_INFORMATION:
        found.add(A.ANSWER_REQUEST)
    if facts.status is not S.RESOLVED or facts.closes_at is None or at >= facts.closes_at:
        return found
    if facts.rating_score is None:
        found.add(A.RATE)
    if facts.reopenings < MAX_REOPENINGS:
        found.add(A.REOPEN)
    if can_appeal(facts):
        found.add(A.APPEAL)
    return found


def can_appeal(facts: CaseFacts) -> bool:
    """Return whether a poor rating has unlocked an appeal that was not used yet."""
    poor = facts.rating_score is not None and facts.rating_score <= POOR
    return poor and not facts.appealed


def _desk(facts: CaseFacts, viewer: Viewer) -> set[TawasulAction]:
    found: set[TawasulAction] = set()
    offered = facts.transfer_to
    if offered is not None and may_receive(viewer, offered):
        found |= {A.ACCEPT_TRANSFER, A.DECLINE_TRANSFER}
    if not viewer.can(DESK, facts.agency):
        return found
    working = works(viewer, facts.agency)
    if working:
        found |= {A.ADD_NOTE, A.REQUEST_IDENTITY} if facts.hide_identity else {A.ADD_NOTE}
    if facts.status not in OPEN:
        return found
    if facts.duplicate:
        return found | ({A.SPLIT_DUPLICATE} if working else set())
    if working:
        found |= {A.LINK_DUPLICATE}
        found |= {A.ASSIGN} if CASE.allows(facts.status, T.ASSIGNED) else set()
    if not facts.settled and CASE.allows(facts.status, T.TRANSFER_OFFERED) and sends(facts, viewer):
        found.add(A.TRANSFER)
    return found | _answers(facts, viewer)


def _answers(facts: CaseFacts, viewer: Viewer) -> set[TawasulAction]:
    if not holds(facts, viewer):
        return set()
    if facts.status is S.ASSIGNED:
        return {A.REPLY, A.REQUEST_INFORMATION, A.RESOLVE}
    return {A.REPLY} if facts.status is S.AWAITING_INFORMATION else set()


def works(viewer: Viewer, agency: str) -> bool:
    """Return whether the viewer works on the agency's cases: handles or supervises them."""
    return viewer.can(HANDLE, agency) or viewer.can(SUPERVISE, agency)


def may_receive(viewer: Viewer, agency: str) -> bool:
    """Return whether the viewer may accept or decline a case for the agency."""
    return works(viewer, agency) or viewer.can(COORDINATE, agency)


def holds(facts: CaseFacts, viewer: Viewer) -> bool:
    """Return whether the case is the viewer's to answer: assigned to them, or they supervise."""
    if viewer.person_id is not None and viewer.person_id in facts.excluded:
        return False
    mine = viewer.person_id is not None and facts.assignee_id == viewer.person_id
    return (mine and viewer.can(HANDLE, facts.agency)) or viewer.can(SUPERVISE, facts.agency)


def sends(facts: CaseFacts, viewer: Viewer) -> bool:
    """Return whether the viewer may offer the case to another agency."""
    free = facts.assignee_id is None and viewer.can(HANDLE, facts.agency)
    return free or holds(facts, viewer) or viewer.can(COORDINATE, facts.agency)
