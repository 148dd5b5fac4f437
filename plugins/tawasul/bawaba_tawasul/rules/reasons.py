"""Why an action is not among the allowed ones, in a typed refusal where there is one."""

from __future__ import annotations

from bawaba.errors import Refusal
from bawaba.viewer import Viewer

from bawaba_tawasul.domain import (
    CASE,
    MAX_REOPENINGS,
    OPEN,
    CaseTrigger,
    Sight,
    TawasulAction,
    TawasulStatus,
)
from bawaba_tawasul.refusals import (
    AlreadyRated,
    AppealLocked,
    HandlerExcluded,
    IdentityNotHidden,
    IsDuplicate,
    NotTheAssignee,
    OwnCase,
    ReopenedTooOften,
    TransferSettled,
    WindowClosed,
    WrongStatus,
)
from bawaba_tawasul.rules.access import CaseFacts, works

A, S, T = TawasulAction, TawasulStatus, CaseTrigger
WORDS: dict[TawasulStatus, tuple[str, str]] = {
    S.SUBMITTED: ("submitted", "مقدمة"),
    S.ASSIGNED: ("assigned", "مسندة"),
    S.AWAITING_INFORMATION: ("waiting for information", "بانتظار معلومات"),
    S.TRANSFER_OFFERED: ("offered to another agency", "معروضة على جهة أخرى"),
    S.IN_ARBITRATION: ("before the arbiter", "لدى المحكّم"),
    S.RESOLVED: ("resolved", "محلولة"),
    S.REOPENED: ("reopened", "معاد فتحها"),
    S.APPEALED: ("appealed", "متظلم منها"),
    S.CLOSED: ("closed", "مغلقة"),
    S.WITHDRAWN: ("withdrawn", "مسحوبة"),
}
"""The states in words, English and Arabic."""
_CITIZEN = {A.WITHDRAW, A.ANSWER_REQUEST, A.RATE, A.REOPEN, A.APPEAL, A.FOLLOW, A.REPLY}
_NOT_AT_DESK = (_CITIZEN - {A.REPLY}) | {A.ARBITRATE}
_RECEIVER = {A.ACCEPT_TRANSFER, A.DECLINE_TRANSFER}
_HOLDER = {A.REPLY, A.REQUEST_INFORMATION, A.RESOLVE, A.TRANSFER}


def why_not(
    facts: CaseFacts, viewer: Viewer, seen: Sight, action: TawasulAction
) -> Refusal | type[Refusal] | None:
    """Return the refusal; None where the action is simply not the viewer's to take.

    :class:`IsDuplicate` comes as a class: the reference that it names stands elsewhere.
    """
    if seen is Sight.OWN:
        return _to_citizen(facts, action) if action in _CITIZEN else OwnCase("reference")
    if seen in {Sight.SUMMARY, Sight.NONE, Sight.ARBITER}:
        return None if action not in {A.FOLLOW, A.ARBITRATE} else wrong(facts.status)
    return _to_desk(facts, viewer, action)


def wrong(status: TawasulStatus) -> WrongStatus:
    """Return the refusal of what cannot be done in this state."""
    en, ar = WORDS[status]
    return WrongStatus("reference", status=en, status_ar=ar)


def _to_citizen(facts: CaseFacts, action: TawasulAction) -> Refusal:
    if action is A.FOLLOW:
        return OwnCase("reference")
    if action not in {A.RATE, A.REOPEN, A.APPEAL}:
        return wrong(facts.status)
    if facts.status is not S.RESOLVED:
        return WindowClosed("reference") if facts.status is S.CLOSED else wrong(facts.status)
    if action is A.APPEAL:
        return AppealLocked("reference")
    if action is A.RATE and facts.rating_score is not None:
        return AlreadyRated("reference")
    spent = action is A.REOPEN and facts.reopenings >= MAX_REOPENINGS
    return ReopenedTooOften("reference") if spent else WindowClosed("reference")


def _to_desk(
    facts: CaseFacts, viewer: Viewer, action: TawasulAction
) -> Refusal | type[Refusal] | None:
    """Return why not, of an action at the desk; None: it is not this person's to take."""
    if action in _NOT_AT_DESK:
        return None
    if action in _RECEIVER:
        return wrong(facts.status) if facts.transfer_to is None else None
    if not works(viewer, facts.agency):
        return _in_transfer(facts) if action is A.TRANSFER else None
    if action is A.REQUEST_IDENTITY:
        return IdentityNotHidden("reference")
    if facts.duplicate and facts.status in OPEN:
        return IsDuplicate
    return _to_team(facts, viewer, action)


def _to_team(facts: CaseFacts, viewer: Viewer, action: TawasulAction) -> Refusal:
    """Return why not, of an action on an undivided case by somebody of its agency's team."""
    if action is A.TRANSFER and (settled := _in_transfer(facts)):
        return settled
    if action not in _HOLDER or facts.status not in {S.ASSIGNED, S.AWAITING_INFORMATION}:
        return wrong(facts.status)
    if viewer.person_id in facts.excluded:
        return HandlerExcluded("reference")
    possible = action is A.REPLY or facts.status is S.ASSIGNED
    return NotTheAssignee("reference") if possible else wrong(facts.status)


def _in_transfer(facts: CaseFacts) -> Refusal | None:
    if facts.settled:
        return TransferSettled("reference")
    return None if CASE.allows(facts.status, T.TRANSFER_OFFERED) else wrong(facts.status)
