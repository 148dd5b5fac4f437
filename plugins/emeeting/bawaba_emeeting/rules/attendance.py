"""Who attended a meeting: a fold of its log. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bawaba_emeeting.domain import PRESENCE, LogKind, MeetingAttendanceStatus

_THERE = frozenset({MeetingAttendanceStatus.PRESENT, MeetingAttendanceStatus.REMOTE})
_PRESENCE = {kind.value: status in _THERE for kind, status in PRESENCE.items()}
"""What a line of the log makes of its member: whether they are there."""
_SITS = {
    LogKind.CONVENED.value: True,
    LogKind.ADJOURNED.value: False,
    LogKind.ENDED.value: False,
    LogKind.CANCELLED.value: False,
}
"""What a line of the log makes of the meeting: whether it sits."""


def attended(events: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Return the members who were there, in the room or from afar, while the meeting sat.

    Who came before it was convened and left again, or came after it was adjourned, did not attend.

    Args:
        events: lines of the log, in order: ``kind``, ``member_id``.
    """
    there: set[str] = set()
    found: set[str] = set()
    sits = False
    for event in events:
        kind, member = event["kind"], event["member_id"]
        sits = _SITS.get(kind, sits)
        if kind in _PRESENCE and member is not None:
            (there.add if _PRESENCE[kind] else there.discard)(member)
        if sits:
            found |= there
    return frozenset(found)
