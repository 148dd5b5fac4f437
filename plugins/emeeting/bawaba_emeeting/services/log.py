"""The log of a meeting, and telling those who watch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bawaba import live, runtime
from bawaba.live import NewEvent
from bawaba.viewer import Viewer

from bawaba_emeeting.domain import (
    PRESENCE,
    LogKind,
    MeetingAttendanceStatus,
    PresenceChange,
)
from bawaba_emeeting.models import MeetingLog, MeetingRow

__all__ = [
    "COMMENTS_TOPIC",
    "MOTION_TOPIC",
    "TOPIC",
    "VOTE_CAST",
    "announce",
    "announce_moved",
    "append",
    "changes",
    "lines",
]

TOPIC, MOTION_TOPIC, COMMENTS_TOPIC = "meeting.meeting:", "meeting.motion:", "meeting.comments:"
"""Topics: a meeting, one of its motions, a document's shared comments."""
VOTE_CAST = "VOTE_CAST"
"""The kind of the event that a vote was cast: it tells neither by whom nor what."""
_PRESENCE = [kind.value for kind in PRESENCE]
_LINE = ("number", "at", "kind", "member_id", "subject_id", "data", "by_id", "device_id")


async def append(  # noqa: PLR0913  one keyword a column
    meeting: MeetingRow,
    kind: LogKind,
    viewer: Viewer | None,
    *,
    member: str | None = None,
    subject: str | None = None,
    by_id: str | None = None,
    data: Mapping[str, Any] | None = None,
) -> None:
    """Write a line into the log of a locked meeting; the caller saves the meeting.

    Args:
        member: whom it is about; subject: the item, motion, document or proxy.
        by_id: the member who did it, where known.
        data: JSON.
    """
    meeting.lines += 1
    await MeetingLog.create(
        id=runtime.new_id(),
        meeting_id=meeting.id,
        number=meeting.lines,
        at=runtime.now(),
        kind=kind.value,
        member_id=member,
        subject_id=subject,
        data=dict(data or {}),
        by_id=by_id,
        device_id=viewer.device_id if viewer else None,
    )


async def announce(meeting_id: str, kind: str, *motions: str) -> None:
    """Tell the watchers of the meeting and of these motions; the events carry nothing else."""
    await announce_moved(meeting_id, kind, dict.fromkeys(motions, kind))


async def announce_moved(meeting_id: str, kind: str, motions: Mapping[str, str]) -> None:
    """As :func:`announce`, with what happened to each motion by its id."""
    events = [NewEvent(MOTION_TOPIC + motion, moved) for motion, moved in motions.items()]
    await live.emit_all([NewEvent(TOPIC + meeting_id, kind), *events])


async def changes(meeting_ids: Sequence[str]) -> dict[str, list[PresenceChange]]:
    """Return the changes of presence of each meeting, in the order of its log."""
    rows = (
        await MeetingLog.filter(meeting_id__in=list(meeting_ids), kind__in=_PRESENCE)
        .order_by("meeting_id", "number")
        .values("meeting_id", "number", "at", "kind", "member_id")
    )
    found: dict[str, list[PresenceChange]] = {meeting_id: [] for meeting_id in meeting_ids}
    for row in rows:
        found[row["meeting_id"]].append(
            PresenceChange(row["member_id"], _status(row["kind"]), row["at"], row["number"])
        )
    return found


def _status(kind: str) -> MeetingAttendanceStatus:
    return PRESENCE[LogKind(kind)]


async def lines(meeting_id: str) -> Sequence[Mapping[str, Any]]:
    """Return the whole log of a meeting, in order."""
    return await MeetingLog.filter(meeting_id=meeting_id).order_by("number").values(*_LINE)
