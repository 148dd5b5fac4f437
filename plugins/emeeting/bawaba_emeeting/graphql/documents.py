"""Documents of the agenda, and comments on them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import strawberry
from bawaba import people
from bawaba.graphql import After, Connection, First, Info, Node, computed, global_id, leaf
from bawaba.paging import Page
from bawaba.runtime import current
from bawaba.text import both

from bawaba_emeeting.domain import MeetingCommentVisibility
from bawaba_emeeting.services import comments
from bawaba_emeeting.services.councils import Row


@strawberry.type(
    description=both("A region of a page, in shares of it.", "منطقة من الصفحة بنسب منها.")
)
class MeetingRectangle:
    """From the upper left corner."""

    x: float = leaf("From the left, 0 to 1.", "من اليسار، من 0 إلى 1.")
    y: float = leaf("From the top, 0 to 1.", "من الأعلى، من 0 إلى 1.")
    width: float = leaf("Its width, 0 to 1.", "العرض، من 0 إلى 1.")
    height: float = leaf("Its height, 0 to 1.", "الارتفاع، من 0 إلى 1.")


@strawberry.type(description=both("Who wrote a comment.", "كاتب التعليق."))
class MeetingAuthor:
    """A member, by name."""

    display_name: str = leaf("The name to show.", "الاسم المعروض.")


@strawberry.type(description=both("A comment on a document.", "تعليق على وثيقة."))
class MeetingComment(Node):
    """Anchored to a version and a page of it."""

    body: str = leaf("What it says.", "نصه.")
    quote: str = leaf("The words that it is about; may be empty.", "الاقتباس؛ وقد يكون فارغاً.")
    page: int | None = leaf("The page, from 1.", "الصفحة، من 1.")
    rectangle: MeetingRectangle | None = leaf("The region of the page.", "المنطقة من الصفحة.")
    visibility: MeetingCommentVisibility = leaf("Who reads it.", "من يطلع عليه.")
    version: int = leaf("The version that it is about.", "النسخة التي كُتب عليها.")
    is_stale: bool = leaf("Whether there is a newer version.", "هل توجد نسخة أحدث.")
    created_at: dt.datetime = leaf("When it was written.", "وقت كتابته.")
    author: MeetingAuthor = leaf("Who wrote it.", "كاتبه.")

    @classmethod
    def of(cls, row: Row, newest: int, names: Mapping[str, str]) -> MeetingComment:
        """Return the GraphQL object of a comment; ``names``: by person id."""
        said = comments.opened(row)
        place = row["rectangle"]
        return cls(
            id=global_id("MeetingComment", row["id"]),
            body=said["body"],
            quote=said["quote"],
            page=row["page"],
            rectangle=MeetingRectangle(x=place[0], y=place[1], width=place[2], height=place[3])
            if place
            else None,
            visibility=MeetingCommentVisibility(row["visibility"]),
            version=row["version"],
            is_stale=row["version"] != newest,
            created_at=row["written_at"],
            author=MeetingAuthor(display_name=names.get(row["author_id"], "")),
        )


async def shown(info: Info, rows: Sequence[Row], newest: int) -> list[MeetingComment]:
    """Return comments with their authors' names."""
    names = await people.names({row["author_id"] for row in rows}, info.context.language)
    return [MeetingComment.of(row, newest, names) for row in rows]


@strawberry.type(description=both("A document of a meeting.", "وثيقة اجتماع."))
class MeetingDocument(Node):
    """In its newest version."""

    title: str = leaf("Its title.", "عنوانها.")
    version: int = leaf("Its version, from 1.", "نسختها، من 1.")
    sha256: str = leaf("The SHA-256 of its bytes, hexadecimal.", "بصمة SHA-256 لمحتواها.")
    url: str = leaf("Where to get it, with the bearer token.", "عنوان تنزيلها، مع رمز الدخول.")
    row: strawberry.Private[Row]

    @computed(
        "Shared comments and one's own private ones, oldest first.",
        "التعليقات المشتركة وتعليقاتك الخاصة من الأقدم.",
    )
    async def comments(
        self, info: Info, first: First, after: After = None
    ) -> Connection[MeetingComment]:
        """Return a page of comments."""
        page = await comments.page(info.context.viewer, self.row["id"], first, after)
        nodes = await shown(info, page.rows, self.version)
        return Connection[MeetingComment].over(nodes, page.cursors, page)  # type: ignore[no-any-return]

    @classmethod
    def of(cls, row: Row) -> MeetingDocument:
        """Return the GraphQL object of a document."""
        return cls(
            id=global_id("MeetingDocument", row["id"]),
            title=row["title"],
            version=row["version"],
            sha256=row["sha256"],
            url=f"{current().public_url}/files/{row['file_id']}",
            row=row,
        )


def connection(page: Page) -> Connection[MeetingDocument]:
    """Return a page of documents."""
    nodes = [MeetingDocument.of(row) for row in page.rows]
    return Connection[MeetingDocument].over(nodes, page.cursors, page)  # type: ignore[no-any-return]
