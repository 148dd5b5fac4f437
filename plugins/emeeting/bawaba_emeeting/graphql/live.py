"""What is watched: a meeting, a motion, the comments on a document."""

from __future__ import annotations

from collections.abc import AsyncIterable
from functools import partial
from typing import Annotated

import strawberry
from bawaba import live, people
from bawaba.errors import NotFound
from bawaba.graphql import PUBLIC, After, Info, argument, leaf, raw_id, subscription
from bawaba.live import SNAPSHOT, LiveEvent, Watch
from bawaba.text import both
from bawaba.viewer import Viewer

from bawaba_emeeting.graphql.documents import MeetingComment
from bawaba_emeeting.graphql.meetings import Meeting
from bawaba_emeeting.graphql.motions import MeetingMotion
from bawaba_emeeting.graphql.words import MeetingCommentUpdateKind, MeetingUpdateKind
from bawaba_emeeting.services import ballots, comments, documents, sittings
from bawaba_emeeting.services.councils import Row
from bawaba_emeeting.services.log import COMMENTS_TOPIC, MOTION_TOPIC, TOPIC
from bawaba_emeeting.services.offer import ATTEND, OPERATE

_CURSOR = ("Where it stands; pass it as `after` to resume.", "موضعها؛ يمرر في `after` للاستئناف.")
_KIND = ("Why it was sent.", "سبب الإرسال.")


@strawberry.type(description=both("A live value of a meeting.", "قيمة حية لاجتماع."))
class MeetingUpdate:
    """The meeting as it is now."""

    cursor: str = leaf(*_CURSOR)
    kind: MeetingUpdateKind = leaf(*_KIND)
    meeting: Meeting = leaf("The meeting now.", "الاجتماع الآن.")


@strawberry.type(description=both("A live value of a motion.", "قيمة حية لمقترح."))
class MeetingMotionUpdate:
    """The motion as it is now."""

    cursor: str = leaf(*_CURSOR)
    kind: MeetingUpdateKind = leaf(*_KIND)
    motion: MeetingMotion = leaf("The motion now.", "المقترح الآن.")


@strawberry.type(description=both("A live value of a document's comments.", "تعليق حي."))
class MeetingCommentUpdate:
    """A comment that was shared."""

    cursor: str = leaf(*_CURSOR)
    kind: MeetingCommentUpdateKind = leaf(*_KIND)
    comment: MeetingComment | None = leaf(
        "The comment; null of SNAPSHOT.", "التعليق؛ وفارغ مع SNAPSHOT."
    )


@strawberry.type
class MeetingSubscription:
    """Roots under Subscription."""

    @subscription(
        permission=PUBLIC,
        audiences=["public", "role"],
        cost=5,
        en="Follow a meeting; a closed one is for its council.",
        ar="متابعة اجتماع؛ والمغلق لأعضاء مجلسه.",
    )
    async def meeting_updated(
        self,
        info: Info,
        id: Annotated[strawberry.ID, argument("The meeting.", "الاجتماع.")],
        after: After = None,
    ) -> AsyncIterable[MeetingUpdate]:
        """Follow a meeting: the public, the members and the operator each see what they may."""
        meeting, council = await _seen(info.context.viewer, raw_id(id, "Meeting", "id"))
        show = partial(_meeting, meeting["id"])
        return Watch(TOPIC + meeting["id"], _audience(info.context.viewer, council), show, after)

    @subscription(
        permission=PUBLIC,
        audiences=["public", "role"],
        cost=5,
        en="Follow a motion and its votes.",
        ar="متابعة مقترح والتصويت عليه.",
    )
    async def meeting_motion_updated(
        self,
        info: Info,
        id: Annotated[strawberry.ID, argument("The motion.", "المقترح.")],
        after: After = None,
    ) -> AsyncIterable[MeetingMotionUpdate]:
        """Follow a motion, as :meth:`meeting_updated` follows a meeting."""
        viewer, wanted = info.context.viewer, raw_id(id, "MeetingMotion", "id")
        view = (await ballots.of_ids(viewer, [wanted])).get(wanted)
        _, council = await _seen(viewer, view.row["meeting_id"] if view else "")
        show = partial(_motion, wanted)
        return Watch(MOTION_TOPIC + wanted, _audience(viewer, council), show, after)

    @subscription(
        permission=ATTEND,
        audiences=["role"],
        delivery="log",
        cost=5,
        en="Follow the shared comments on a document.",
        ar="متابعة التعليقات المشتركة على وثيقة.",
    )
    async def meeting_comment_added(
        self,
        info: Info,
        document_id: Annotated[strawberry.ID, argument("The document.", "الوثيقة.")],
        after: After = None,
    ) -> AsyncIterable[MeetingCommentUpdate]:
        """Follow comments: shared ones only, whoever asks."""
        wanted = raw_id(document_id, "MeetingDocument", "documentId")
        row = (await documents.of_ids(info.context.viewer, [wanted])).get(wanted)
        _, council = await _seen(info.context.viewer, row["meeting_id"] if row else "")
        audience = live.holders(ATTEND, council["code"])
        return Watch(COMMENTS_TOPIC + wanted, audience, partial(_comment, wanted), after)


async def _seen(viewer: Viewer, meeting_id: str) -> tuple[Row, Row]:
    """Return a meeting and its council.

    Raises:
        NotFound: there is none that the viewer may see.
    """
    pairs = await sittings.seen(viewer, [meeting_id])
    if not pairs:
        raise NotFound("id")
    return pairs[0]


def _audience(viewer: Viewer, council: Row) -> live.Audience:
    """Return those who see the meeting as the viewer does."""
    for permission in (OPERATE, ATTEND):
        if viewer.can(permission, council["code"]):
            return live.holders(permission, council["code"])
    return live.EVERYONE


async def _meeting(meeting_id: str, event: LiveEvent, viewer: Viewer) -> MeetingUpdate | None:
    pairs = await sittings.seen(viewer, [meeting_id])
    if not pairs:
        return None
    return MeetingUpdate(
        cursor=event.cursor, kind=MeetingUpdateKind(event.kind), meeting=Meeting.of(*pairs[0])
    )


async def _motion(motion_id: str, event: LiveEvent, viewer: Viewer) -> MeetingMotionUpdate | None:
    view = (await ballots.of_ids(viewer, [motion_id])).get(motion_id)
    if view is None:
        return None
    return MeetingMotionUpdate(
        cursor=event.cursor, kind=MeetingUpdateKind(event.kind), motion=MeetingMotion.of(view)
    )


async def _comment(
    document_id: str, event: LiveEvent, viewer: Viewer
) -> MeetingCommentUpdate | None:
    if not await documents.of_ids(viewer, [document_id]):
        return None
    kind = MeetingCommentUpdateKind(event.kind)
    if event.kind == SNAPSHOT:
        return MeetingCommentUpdate(cursor=event.cursor, kind=kind, comment=None)
    row = await comments.one(viewer, event.data["comment"])
    if row is None:
        return None
    newest = await comments.newest_version(document_id)
    names = await people.names([row["author_id"]], viewer.language)
    shown = MeetingComment.of(row, newest, names)
    return MeetingCommentUpdate(cursor=event.cursor, kind=kind, comment=shown)
