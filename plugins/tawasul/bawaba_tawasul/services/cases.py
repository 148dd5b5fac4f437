"""Reading cases: who sees which, and how much."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bawaba import catalogue, people, runtime
from bawaba.catalogue import Agency
from bawaba.errors import NotFound
from bawaba.text import Text
from bawaba.viewer import Viewer

from bawaba_tawasul.domain import Sight, TawasulAction, TawasulStatus
from bawaba_tawasul.models import TawasulCase, TawasulFollower, TawasulIdentityRequest
from bawaba_tawasul.rules import access, clockwork
from bawaba_tawasul.services import categories
from bawaba_tawasul.services.book import Book, book

Row = Mapping[str, Any]
_UNNAMED = Text("A person", "شخص")
TOPIC, DESK_TOPIC, AGENCY_TOPIC = "tawasul.case:", "tawasul.desk:", "tawasul.agency:"
"""Topics: what a case's citizen may know of it; all that happens to it; an agency's cases."""
COLUMNS = (
    "id", "reference", "kind", "status", "agency", "category_id", "subject", "channel", "latitude",
    "longitude", "address", "submitter_id", "hide_identity", "submitted_at", "started_at",
    "assignee_id", "excluded", "segments", "pauses", "target_minutes", "due_at", "paused_at",
    "pause_ends_at", "stopped_at", "escalation_level", "resolution", "reopenings", "appealed_at",
    "closes_at", "rating_score", "rating_comment", "rated_at", "transfer_to", "settled",
    "duplicate_of_id", "followers", "first_replied_at", "first_reply_due_at", "resolved_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case as one viewer sees it."""

    row: Row
    sight: Sight
    agency: Agency
    category: Row
    clock: clockwork.Reading
    allowed: frozenset[TawasulAction]
    assignee: str | None
    submitter: str | None
    duplicate_of: str | None

    @property
    def is_desk(self) -> bool:
        """Whether it is seen from an agency's side."""
        return self.sight in {Sight.DESK, Sight.ARBITER}


def facts_of(row: Any) -> access.CaseFacts:
    """Return what decides about access, of a row of :data:`COLUMNS` or of a whole case."""
    get = row.__getitem__ if isinstance(row, Mapping) else row.__getattribute__
    return access.CaseFacts(
        status=TawasulStatus(get("status")),
        agency=get("agency"),
        submitter_id=get("submitter_id"),
        assignee_id=get("assignee_id"),
        transfer_to=get("transfer_to"),
        hide_identity=bool(get("hide_identity")),
        excluded=get("excluded"),
        duplicate=get("duplicate_of_id") is not None,
        settled=bool(get("settled")),
        reopenings=get("reopenings"),
        appealed=get("appealed_at") is not None,
        rating_score=get("rating_score"),
        closes_at=get("closes_at"),
    )


async def case(viewer: Viewer, reference: str, least: Sight = Sight.NONE) -> CaseView | None:
    """Return the case of this reference, or None where the viewer sees nothing of it.

    ``least``: how much of it the viewer sees in any case.
    """
    found = await seen(viewer, [await _row(reference)], least)
    return found[0] if found else None


async def _row(reference: str) -> Row | None:
    query = TawasulCase.filter(reference=reference.strip().upper()).first()
    row: Row | None = await query.values(*COLUMNS)
    return row


async def of_ids(viewer: Viewer, ids: Collection[str]) -> dict[str, CaseView]:
    """Return those of the cases of which the viewer sees something, by id."""
    rows = await TawasulCase.filter(id__in=list(ids)).values(*COLUMNS)
    return {view.row["id"]: view for view in await seen(viewer, rows)}


async def required(viewer: Viewer, reference: str) -> CaseView:
    """Return the case of this reference.

    Raises:
        NotFound: there is none of which the viewer sees anything.
    """
    found = await case(viewer, reference)
    if found is None:
        raise NotFound("reference")
    return found


async def seen(
    viewer: Viewer, rows: Sequence[Row | None], least: Sight = Sight.NONE
) -> list[CaseView]:
    """Return the cases of which the viewer sees something, in order; a few statements for all."""
    given = [row for row in rows if row is not None]
    follows = await followed(viewer, [row["id"] for row in given])
    sights = {
        row["id"]: access.sight(facts_of(row), viewer, follows=row["id"] in follows, least=least)
        for row in given
    }
    shown = [row for row in given if sights[row["id"]] is not Sight.NONE]
    if not shown:
        return []
    known = await categories.by_id({row["category_id"] for row in shown})
    agencies = await catalogue.agencies()
    names = await _names(viewer, shown, sights)
    heads = await references({row["duplicate_of_id"] for row in shown if row["duplicate_of_id"]})
    calendars, at = await book(), runtime.now()
    return [
        CaseView(
            row=row,
            sight=sights[row["id"]],
            agency=agencies[row["agency"]],
            category=known[row["category_id"]],
            clock=clock(row, calendars, at),
            allowed=access.allowed(facts_of(row), viewer, sights[row["id"]], at),
            assignee=names.get((row["id"], "assignee")),
            submitter=names.get((row["id"], "submitter")),
            duplicate_of=heads.get(row["duplicate_of_id"]),
        )
        for row in shown
    ]


async def references(ids: Collection[str]) -> dict[str, str]:
    """Return the references of cases by id, whoever asks."""
    rows = await TawasulCase.filter(id__in=list(ids)).values("id", "reference") if ids else []
    return {row["id"]: row["reference"] for row in rows}


def clock(row: Row, calendars: Book, at: dt.datetime) -> clockwork.Reading:
    """Return the case's clock at an instant."""
    run = clockwork.run_of(row["started_at"], row["segments"], row["pauses"], calendars.of)
    return clockwork.reading(
        run, row["target_minutes"], at, stopped_at=row["stopped_at"], due_at=row["due_at"]
    )


async def followed(viewer: Viewer, ids: Sequence[str]) -> frozenset[str]:
    """Return which of the cases the viewer follows."""
    if viewer.person_id is None or not ids:
        return frozenset()
    query = TawasulFollower.filter(person_id=viewer.person_id, case_id__in=list(ids))
    return frozenset(map(str, await query.values_list("case_id", flat=True)))


async def _names(
    viewer: Viewer, rows: Sequence[Row], sights: Mapping[str, Sight]
) -> dict[tuple[str, str], str]:
    """Return the names that the viewer may read, by case and part."""
    opened = await identities_opened(viewer, rows)
    wanted: dict[tuple[str, str], str] = {}
    for row in rows:
        on_desk = sights[row["id"]] in {Sight.DESK, Sight.ARBITER}
        if on_desk and row["assignee_id"]:
            wanted[row["id"], "assignee"] = row["assignee_id"]
        own = sights[row["id"]] is Sight.OWN
        if own or (on_desk and (not row["hide_identity"] or row["id"] in opened)):
            wanted[row["id"], "submitter"] = row["submitter_id"]
    names = await people.names(set(wanted.values()), viewer.language) if wanted else {}
    return {key: names.get(person, _UNNAMED.in_(viewer.language)) for key, person in wanted.items()}


async def identities_opened(viewer: Viewer, rows: Sequence[Row]) -> frozenset[str]:
    """Return the cases whose hidden identity was opened to this very viewer."""
    hidden = [row["id"] for row in rows if row["hide_identity"]]
    if not hidden or viewer.person_id is None:
        return frozenset()
    approved = TawasulIdentityRequest.filter(case_id__in=hidden, status="APPROVED")
    pairs = await approved.values("case_id", "requested_by", "approved_by")
    me = viewer.person_id
    return frozenset(p["case_id"] for p in pairs if me in {p["requested_by"], p["approved_by"]})
