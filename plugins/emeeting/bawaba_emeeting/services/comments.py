"""Comments on documents: shared with the council, or one's own."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import orjson
from bawaba import db, live, runtime
from bawaba.errors import NotFound
from bawaba.paging import Page, keyset_page
from bawaba.viewer import Viewer
from tortoise.expressions import Q

from bawaba_emeeting.domain import MAX_PAGE_NUMBER, MAX_TEXT, MeetingCommentVisibility
from bawaba_emeeting.models import MeetingComment, MeetingDocument
from bawaba_emeeting.refusals import BadAnchor
from bawaba_emeeting.rules.texts import text_within
from bawaba_emeeting.services import vault
from bawaba_emeeting.services.councils import Row
from bawaba_emeeting.services.log import COMMENTS_TOPIC
from bawaba_emeeting.services.sittings import begin

ADDED = "COMMENT_ADDED"
_COLUMNS = (
    "id", "document_id", "author_id", "member_id", "version", "page", "rectangle", "visibility",
    "quote", "body", "sealed", "written_at",
)  # fmt: skip
_PRIVATE = MeetingCommentVisibility.PRIVATE.value


@dataclass(frozen=True, slots=True)
class Anchor:
    """A place in a document: a page from 1, and x, y, width and height as shares of it."""

    page: int | None = None
    rectangle: tuple[float, float, float, float] | None = None
    quote: str = ""


async def add(
    viewer: Viewer,
    document_id: str,
    body: str,
    anchor: Anchor,
    visibility: MeetingCommentVisibility,
) -> str:
    """Comment on the newest version of a document; return the comment's id.

    Raises:
        NotFound, Forbidden, NotAMember: see ``sittings.begin``; no such document.
        BadText, BadAnchor: see there.
        Unavailable: no key for private comments is set.
    """
    text = text_within(body, "body")
    quote = text_within(anchor.quote, "quote", MAX_TEXT, least=0)
    _check(anchor)
    async with db.transaction():
        document = await MeetingDocument.filter(id=document_id).first()
        if document is None:
            raise NotFound("documentId")
        work = await begin(viewer, document.meeting_id, path="documentId", share=True)
        comment = MeetingComment(
            id=runtime.new_id(),
            document_id=document.id,
            author_id=viewer.person(),
            member_id=work.me["id"],
            version=document.version,
            sha256=document.sha256,
            page=anchor.page,
            rectangle=list(anchor.rectangle) if anchor.rectangle else None,
            visibility=visibility.value,
            written_at=work.at,
        )
        _fill(comment, text, quote)
        await comment.save(force_create=True)
        if visibility is MeetingCommentVisibility.SHARED:
            await live.emit(COMMENTS_TOPIC + document.id, ADDED, {"comment": comment.id})
    return comment.id


def _check(anchor: Anchor) -> None:
    if anchor.page is not None and not 1 <= anchor.page <= MAX_PAGE_NUMBER:
        raise BadAnchor("page")
    if anchor.rectangle is None:
        return
    x, y, width, height = anchor.rectangle
    inside = 0 <= x <= x + width <= 1 and 0 <= y <= y + height <= 1
    if anchor.page is None or not inside or not (width > 0 and height > 0):
        raise BadAnchor("rectangle")


def _fill(comment: MeetingComment, text: str, quote: str) -> None:
    if comment.visibility != _PRIVATE:
        comment.body, comment.quote = text, quote
        return
    packed = orjson.dumps({"body": text, "quote": quote}).decode()
    comment.body = comment.quote = ""
    comment.sealed = vault.seal(packed, of=f"comment:{comment.author_id}", bound=comment.id)


def opened(row: Row) -> dict[str, Any]:
    """Return a comment as its reader sees it; a private one only ever comes to its author."""
    if row["visibility"] != _PRIVATE:
        return dict(row)
    text = vault.unseal(row["sealed"], of=f"comment:{row['author_id']}", bound=row["id"])
    said = orjson.loads(text) if text is not None else {"body": "", "quote": ""}
    return {**row, **said}


def _seen_by(viewer: Viewer) -> Q:
    """Return what every look at comments goes through: shared ones, and the viewer's own."""
    shared = Q(visibility=MeetingCommentVisibility.SHARED.value)
    return shared | Q(author_id=viewer.person_id) if viewer.person_id else shared


async def page(viewer: Viewer, document_id: str, first: int, after: str | None) -> Page:
    """Return a page of a document's comments, oldest first.

    The caller has asked whether the viewer may read the document.
    """
    rows = MeetingComment.filter(_seen_by(viewer), document_id=document_id)
    return await keyset_page(
        rows, order=("written_at", "id"), first=first, after=after, columns=_COLUMNS
    )


async def of_ids(viewer: Viewer, ids: Collection[str]) -> dict[str, Row]:
    """Return those of the comments that the viewer may read, if their documents are."""
    rows = MeetingComment.filter(_seen_by(viewer), id__in=list(set(ids)))
    return {row["id"]: row for row in await rows.values(*_COLUMNS)}


async def one(viewer: Viewer, comment_id: str) -> Row | None:
    """Return a comment; see :func:`of_ids`."""
    return (await of_ids(viewer, [comment_id])).get(comment_id)


async def newest_version(document_id: str) -> int:
    """Return the number of a document's newest version."""
    found = await MeetingDocument.filter(id=document_id).values_list("version", flat=True)
    return found[0] if found else 0  # type: ignore[return-value]
