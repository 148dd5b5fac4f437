"""A meeting's entry for people's own calendars."""

from __future__ import annotations

from bawaba import runtime
from bawaba.text import Language

from bawaba_emeeting.domain import MeetingStatus
from bawaba_emeeting.rules import exports
from bawaba_emeeting.rules.minutes import heading
from bawaba_emeeting.services import councils
from bawaba_emeeting.services.agendas import Seen


def entry(seen: Seen, language: Language) -> str:
    """Return the meeting as iCalendar; its sequence rises whenever the meeting changes."""
    meeting, council = seen.sitting.meeting, seen.sitting.chamber.council
    name = councils.name_of(council, language)
    url = runtime.current().public_url
    known = heading({"meeting": meeting, "council": council})
    return exports.calendar_entry(
        uid=f"{meeting['id']}@{url.partition('://')[2]}",
        organizer=name,
        summary=f"{name}: {meeting['title']}",
        description=f"{known.in_(language)}\n{url}",
        starts_at=meeting["scheduled_at"],
        url=url,
        stamp=runtime.now(),
        sequence=meeting["lines"],
        cancelled=meeting["status"] == MeetingStatus.CANCELLED.value,
        attendees=[seen.names[member["id"]] for member in seen.sitting.chamber.members],
    )
