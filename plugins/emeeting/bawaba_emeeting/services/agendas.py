"""Reading meetings: lists, agendas, the council's people."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from bawaba import people
from bawaba.paging import Page, keyset_page
from bawaba.text import Language
from bawaba.viewer import Viewer

from bawaba_emeeting.models import MeetingAgendaItem, MeetingDocument, MeetingMember, MeetingRow
from bawaba_emeeting.services import ballots, councils, documents, sittings
from bawaba_emeeting.services.ballots import MotionView
from bawaba_emeeting.services.councils import Row
from bawaba_emeeting.services.sittings import MEETING_COLUMNS, Sitting

ITEM = ("id", "meeting_id", "position", "title", "body", "status")


@dataclass(frozen=True, slots=True)
class Seen:
    """A meeting as it stands, and its members' names by member id."""

    sitting: Sitting
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Item:
    """An item of the agenda with what hangs on it."""

    row: Row
    documents: Sequence[Row]
    motions: Sequence[MotionView]


async def seen(meeting_ids: Sequence[str], language: Language) -> dict[str, Seen]:
    """Return meetings as they stand, by id; the caller has asked who may see them."""
    rows = await MeetingRow.filter(id__in=list(meeting_ids)).values(*MEETING_COLUMNS)
    found = await councils.by_ids({row["council_id"] for row in rows})
    held = await sittings.sittings_of(rows, found)
    persons = {m["person_id"] for sitting in held for m in sitting.chamber.members}
    names = await people.names(persons, language)
    return {
        sitting.meeting["id"]: Seen(
            sitting, {m["id"]: names.get(m["person_id"], "") for m in sitting.chamber.members}
        )
        for sitting in held
    }


async def items(meeting_ids: Collection[str]) -> dict[str, list[Item]]:
    """Return the agendas of meetings, in order; a few statements for all."""
    wanted = list(meeting_ids)
    rows = MeetingAgendaItem.filter(meeting_id__in=wanted).order_by("position")
    attached: dict[str, list[Row]] = {}
    for row in (
        await MeetingDocument.filter(meeting_id__in=wanted)
        .order_by("id")
        .values(*documents.DOCUMENT)
    ):
        attached.setdefault(row["item_id"], []).append(row)
    motions: dict[str, list[MotionView]] = {}
    for found in (await ballots.of_meetings(wanted)).values():
        for view in found:
            motions.setdefault(view.row["item_id"], []).append(view)
    agendas: dict[str, list[Item]] = {meeting_id: [] for meeting_id in wanted}
    for row in await rows.values(*ITEM):
        item = Item(row, attached.get(row["id"], ()), motions.get(row["id"], ()))
        agendas[row["meeting_id"]].append(item)
    return agendas


async def meetings(viewer: Viewer, council: Row, first: int, after: str | None) -> Page:
    """Return a page of a council's meetings that the viewer may see, latest first."""
    rows = MeetingRow.filter(council_id=council["id"])
    if not councils.attends(viewer, council):
        rows = rows.filter(is_closed=False)
    return await keyset_page(
        rows, order=("-scheduled_at", "-id"), first=first, after=after, columns=MEETING_COLUMNS
    )


async def members(council_id: str, first: int, after: str | None) -> Page:
    """Return a page of a council's present members, by seniority."""
    rows = MeetingMember.filter(council_id=council_id, left_at__isnull=True)
    return await keyset_page(
        rows, order=("seniority", "id"), first=first, after=after, columns=councils.MEMBER
    )


async def meetings_of_items(ids: Collection[str]) -> dict[str, str]:
    """Return to which meeting each item belongs."""
    rows = await MeetingAgendaItem.filter(id__in=list(ids)).values("id", "meeting_id")
    return {row["id"]: row["meeting_id"] for row in rows}
