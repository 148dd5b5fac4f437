"""A meeting as it stands: who is there, whether they are enough, who presides."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bawaba import db, people, runtime
from bawaba.errors import Forbidden, NotFound
from bawaba.viewer import Viewer

from bawaba_emeeting.domain import (
    MEETING,
    MeetingRole,
    MeetingStatus,
    MeetingTrigger,
    PresenceChange,
    Quorum,
    Rules,
)
from bawaba_emeeting.models import MeetingRow
from bawaba_emeeting.refusals import NotAMember, NotPresiding, WrongStatus
from bawaba_emeeting.rules import quorum as law
from bawaba_emeeting.rules.words import STATUS_WORDS
from bawaba_emeeting.services import councils, log
from bawaba_emeeting.services.councils import Chamber, Row

MEETING_COLUMNS = (
    "id", "council_id", "term_id", "number", "kind", "is_closed", "is_trial", "title", "status",
    "scheduled_at", "convening", "wait_until", "convened_at", "adjourned_at", "ended_at",
    "current_item_id", "lines",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sitting:
    """A meeting and its chamber at a moment."""

    meeting: Row
    chamber: Chamber
    presence: Mapping[str, PresenceChange]

    @property
    def here(self) -> frozenset[str]:
        """The voting members who are there."""
        return law.there(self.chamber.seats, self.presence, self.chamber.rules)

    @property
    def chair(self) -> str | None:
        """Who presides: a member's id."""
        return self.chair_of()

    def chair_of(self, recused: Collection[str] = ()) -> str | None:
        """Return who presides where these stand aside: a member's id."""
        seats = [seat for seat in self.chamber.seats if seat.id not in recused]
        return law.acting_chair(seats, self.presence, self.chamber.rules)

    def under(self, rules: Rules) -> Sitting:
        """Return it as other rules of procedure have it: those frozen for a vote."""
        return replace(self, chamber=replace(self.chamber, rules=rules))

    def quorum(self, recused: Collection[str] = ()) -> Quorum:
        """Return whether enough are there."""
        return law.quorum(
            self.chamber.seats,
            self.presence,
            self.chamber.rules,
            convening=self.meeting["convening"],
            all_seats=self.chamber.council["seats"],
            recused=recused,
        )


@dataclass(slots=True)
class Work:
    """A meeting being changed: its locked row, by whom, from which seat."""

    row: MeetingRow
    viewer: Viewer
    chamber: Chamber
    me: Row
    at: dt.datetime

    @property
    def status(self) -> MeetingStatus:
        """Where the meeting stands."""
        return MeetingStatus(self.row.status)

    async def sitting(self) -> Sitting:
        """Return the meeting as it stands now in this transaction."""
        found = await log.changes([self.row.id])
        return Sitting(as_row(self.row), self.chamber, law.presence(found[self.row.id]))


def as_row(row: MeetingRow) -> dict[str, Any]:
    """Return a meeting as plain columns."""
    return {name: getattr(row, name) for name in MEETING_COLUMNS}


async def sitting_of(meeting: Row, council: Row) -> Sitting:
    """Return a meeting as it stands; one that has ended as it stood then."""
    found = await sittings_of([meeting], {council["id"]: council})
    return found[0]


async def sittings_of(meetings: Sequence[Row], found: Mapping[str, Row]) -> list[Sitting]:
    """Return meetings as they stand; ``found``: their councils by id."""
    changes = await log.changes([meeting["id"] for meeting in meetings])
    chambers: dict[tuple[str, dt.datetime | None], Chamber] = {}
    sittings = []
    for meeting in meetings:
        key = (meeting["council_id"], meeting["ended_at"])
        if key not in chambers:
            at = meeting["ended_at"] or runtime.now()
            chambers[key] = await councils.chamber(found[meeting["council_id"]], at)
        present = law.presence(changes[meeting["id"]])
        sittings.append(Sitting(meeting, chambers[key], present))
    return sittings


async def seen(viewer: Viewer, ids: Iterable[str]) -> list[tuple[Row, Row]]:
    """Return those of the meetings that the viewer may see, each with its council.

    An open meeting is for everybody to see, a closed one for those who belong to the council.
    """
    rows = await MeetingRow.filter(id__in=list(ids)).values(*MEETING_COLUMNS)
    found = await councils.by_ids({row["council_id"] for row in rows})
    pairs = [(row, found[row["council_id"]]) for row in rows]
    return [(row, c) for row, c in pairs if not row["is_closed"] or councils.attends(viewer, c)]


async def begin(
    viewer: Viewer, meeting_id: str, *, path: str = "meetingId", share: bool = False
) -> Work:
    """Lock a meeting for somebody who holds a seat in its council.

    Args:
        share: True where the meeting is only read and must not be locked, as for a vote, which
            locks its motion.

    Raises:
        NotFound: there is no such meeting that the viewer sees.
        Forbidden: the viewer sees it, but belongs to another council or to none.
        NotAMember: the seat has ended.
    """
    viewer.person()
    query = MeetingRow.filter(id=meeting_id)
    row = await (query if share else db.locked(query)).first()
    if row is None:
        raise NotFound(path)
    council = (await councils.by_ids([row.council_id]))[row.council_id]
    if not councils.attends(viewer, council):
        if row.is_closed:
            raise NotFound(path)
        raise Forbidden
    at = runtime.now()
    chamber = await councils.chamber(council, at)
    me = chamber.of_person(viewer.person_id)
    if me is None:
        raise NotAMember(path)
    await people.still_signed_in(viewer)
    return Work(row, viewer, chamber, me, at)


def require_role(work: Work, *roles: MeetingRole) -> None:
    """Pass where the viewer's seat is one of these.

    Raises:
        NotAMember: it is another.
    """
    if MeetingRole(work.me["role"]) not in roles:
        raise NotAMember("meetingId")


async def require_presiding(work: Work) -> Sitting:
    """Return the meeting as it stands, where the viewer presides or operates it.

    Raises:
        NotPresiding: neither.
    """
    sitting = await work.sitting()
    operates = MeetingRole(work.me["role"]) is MeetingRole.OPERATOR
    if not operates and sitting.chair != work.me["id"]:
        raise NotPresiding("meetingId")
    return sitting


def require_status(work: Work, *allowed: MeetingStatus) -> None:
    """Pass where the meeting stands so.

    Raises:
        WrongStatus: it does not.
    """
    if work.status not in allowed:
        raise wrong(work)


def require_not_over(work: Work) -> None:
    """Pass where the meeting has neither ended nor been cancelled.

    Raises:
        WrongStatus: it has.
    """
    if work.status in MEETING.terminal:
        raise wrong(work)


def wrong(work: Work) -> WrongStatus:
    """Return the refusal that says where the meeting stands."""
    words = STATUS_WORDS[work.status]
    return WrongStatus("meetingId", status=words.en, status_ar=words.ar)


def move(work: Work, trigger: MeetingTrigger) -> None:
    """Move the meeting on by its table.

    Raises:
        WrongStatus: the table has no such edge.
    """
    if not MEETING.allows(work.status, trigger):
        raise wrong(work)
    work.row.status = MEETING.next(work.status, trigger).value
