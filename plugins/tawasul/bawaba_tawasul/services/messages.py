"""What citizen and agency write to each other, and the desk to itself."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from bawaba import files, people, runtime
from bawaba.paging import Page, keyset_page
from bawaba.viewer import Viewer

from bawaba_tawasul.domain import PUBLIC_STEPS, Sight, TawasulPartyKind, TawasulStep
from bawaba_tawasul.models import TawasulHistory, TawasulMessage, TawasulNote
from bawaba_tawasul.services import cases
from bawaba_tawasul.services.cases import CaseView
from bawaba_tawasul.services.steps import Work

Row = Mapping[str, Any]
PURPOSE = "tawasul.message"
"""For what files are uploaded; their subject is the message's id."""
MESSAGE = (
    "id", "case_id", "kind", "author_kind", "author_id", "agency", "body", "sent_at",
)  # fmt: skip
NOTE = ("id", "case_id", "agency", "author_id", "body", "added_at")
HISTORY = (
    "id", "case_id", "number", "at", "kind", "status_from", "status_to", "note", "public", "agency",
    "actor_kind", "actor_id",
)  # fmt: skip
_PUBLIC = {"kind__in": [step.value for step in PUBLIC_STEPS]}


async def write(
    work: Work,
    kind: TawasulStep,
    body: str,
    attachment_ids: Sequence[str] = (),
    template_id: str | None = None,
) -> TawasulMessage:
    """Store a message of the case, with files that its author uploaded before.

    Raises:
        NotFound: an attachment is not the author's, or is used already.
    """
    case = work.case
    message = await TawasulMessage.create(
        id=runtime.new_id(),
        case_id=case.id,
        kind=kind.value,
        author_kind=work.side.value,
        author_id=work.actor,
        agency=case.agency,
        body=body,
        template_id=template_id,
        sent_at=work.at,
    )
    if attachment_ids and work.viewer is not None:
        await files.attach(work.viewer, PURPOSE, attachment_ids, message.id, "attachmentIds")
    return message


async def add_note(work: Work, body: str) -> None:
    """Store what the desk writes for itself."""
    await TawasulNote.create(
        id=runtime.new_id(),
        case_id=work.case.id,
        agency=work.case.agency,
        author_id=work.actor,
        body=body,
        added_at=work.at,
    )


async def readable(viewer: Viewer, message_ids: Sequence[str]) -> frozenset[str]:
    """Return the messages whose case the viewer sees from the inside."""
    rows = await TawasulMessage.filter(id__in=list(message_ids)).values("id", "case_id")
    seen = await cases.of_ids(viewer, {row["case_id"] for row in rows})
    inside = {id_ for id_, view in seen.items() if view.sight is not Sight.SUMMARY}
    return frozenset(row["id"] for row in rows if row["case_id"] in inside)


async def messages(view: CaseView, first: int, after: str | None) -> Page | None:
    """Return a page of the case's messages, oldest first; None for who sees only its summary."""
    if view.sight is Sight.SUMMARY:
        return None
    query = TawasulMessage.filter(case_id=view.row["id"])
    return await keyset_page(
        query, order=("sent_at", "id"), first=first, after=after, columns=MESSAGE
    )


async def notes(viewer: Viewer, view: CaseView, first: int, after: str | None) -> Page | None:
    """Return a page of the notes of agencies at whose desk the viewer stands; None for others."""
    scopes = [a for a in {view.row["agency"], view.row["transfer_to"]} if a]
    mine = [agency for agency in scopes if viewer.can("tawasul.desk", agency)]
    if view.sight is not Sight.DESK or not mine:
        return None
    query = TawasulNote.filter(case_id=view.row["id"], agency__in=mine)
    return await keyset_page(
        query, order=("added_at", "id"), first=first, after=after, columns=NOTE
    )


async def history(view: CaseView, first: int, after: str | None) -> Page | None:
    """Return a page of what happened, oldest first; None for who sees only the summary."""
    if view.sight is Sight.SUMMARY:
        return None
    query = TawasulHistory.filter(case_id=view.row["id"])
    if not view.is_desk:
        query = query.filter(**_PUBLIC)
    return await keyset_page(query, order=("number",), first=first, after=after, columns=HISTORY)


async def names_of(
    viewer: Viewer, view: CaseView, rows: Sequence[Row], kind: str, person: str
) -> dict[str, str]:
    """Return the names that may be shown of those who wrote or acted, by person id.

    From the desk: its agency's people; the citizen where their identity is open. For the citizen:
    themselves.
    """
    row = view.row
    wanted: Collection[str] = {r[person] for r in rows if r[person] and _named(view, r, kind)}
    names = dict(await people.names(wanted, viewer.language)) if wanted else {}
    if view.submitter is not None:
        names[row["submitter_id"]] = view.submitter
    return names


def _named(view: CaseView, row: Row, kind: str) -> bool:
    ours = row[kind] == TawasulPartyKind.AGENCY.value and row["agency"] == view.row["agency"]
    return view.is_desk and ours
