"""The outcomes of mutations."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import strawberry
from bawaba import people
from bawaba.graphql import Info, Node, UserError, argument, global_id, leaf, raw_id
from bawaba.text import both

from bawaba_emeeting.domain import MAX_WEIGHT
from bawaba_emeeting.graphql.councils import MeetingCouncil, MeetingMember
from bawaba_emeeting.graphql.documents import MeetingComment, MeetingDocument, shown
from bawaba_emeeting.graphql.meetings import Meeting
from bawaba_emeeting.graphql.motions import MeetingMotion
from bawaba_emeeting.services import ballots, comments, documents, proxies, sittings

ASKED = argument("What to do.", "المطلوب.")
_ERRORS = ("Why it was refused.", "أسباب الرفض.")


@strawberry.type(description=both("What became of a meeting.", "نتيجة العملية على الاجتماع."))
class MeetingPayload:
    """The meeting, or why nothing was done."""

    meeting: Meeting | None = leaf("The meeting now.", "الاجتماع الآن.", default=None)
    errors: list[UserError] = leaf(*_ERRORS)


@strawberry.type(description=both("What became of a document.", "نتيجة العملية على الوثيقة."))
class MeetingDocumentPayload:
    """The document, or why nothing was done."""

    document: MeetingDocument | None = leaf("The document now.", "الوثيقة الآن.", default=None)
    errors: list[UserError] = leaf(*_ERRORS)


@strawberry.type(description=both("What became of a comment.", "نتيجة إضافة تعليق."))
class MeetingCommentPayload:
    """The comment, or why nothing was done."""

    comment: MeetingComment | None = leaf("The comment.", "التعليق.", default=None)
    errors: list[UserError] = leaf(*_ERRORS)


@strawberry.type(description=both("What became of a motion.", "نتيجة العملية على المقترح."))
class MeetingMotionPayload:
    """The motion, or why nothing was done."""

    motion: MeetingMotion | None = leaf("The motion now.", "المقترح الآن.", default=None)
    errors: list[UserError] = leaf(*_ERRORS)


@strawberry.type(description=both("What became of a vote.", "نتيجة الإدلاء بالصوت."))
class MeetingCastVotePayload:
    """The motion and, of a secret ballot, the receipts."""

    motion: MeetingMotion | None = leaf("The motion now.", "المقترح الآن.", default=None)
    receipt: str | None = leaf(
        "Of a secret ballot: SHA-256 of `motionId|choice|ballotNonce`, hexadecimal; the choice is"
        " YES, NO, ABSTAIN or the candidate's id.",
        "للاقتراع السري: بصمة المقترح والصوت والرقم السري.",
        default=None,
    )
    receipts: list[str] | None = leaf(
        "All units of a weighted secret vote; from the second on the number is replaced by the"
        " hexadecimal SHA-256 of `ballotNonce|unit`.",
        "إيصالات جميع وحدات الصوت الموزون.",
        bound=MAX_WEIGHT,
        default=None,
    )
    errors: list[UserError] = leaf(*_ERRORS)


@strawberry.type(description=both("A vote given to another.", "توكيل بالصوت."))
class MeetingProxy(Node):
    """For one meeting."""

    giver: MeetingMember = leaf("Whose vote it is.", "الموكل.")
    holder: MeetingMember = leaf("Who casts it.", "الوكيل.")
    weight: int = leaf("So much of it.", "الوزن.")
    given_at: dt.datetime = leaf("When it was given.", "وقت التوكيل.")
    revoked_at: dt.datetime | None = leaf("When it was taken back.", "وقت الإلغاء.")


@strawberry.type(description=both("What became of a proxy.", "نتيجة العملية على التوكيل."))
class MeetingProxyPayload:
    """The proxy, or why nothing was done."""

    proxy: MeetingProxy | None = leaf("The proxy now.", "التوكيل الآن.", default=None)
    errors: list[UserError] = leaf(*_ERRORS)


@strawberry.type(description=both("What became of a council.", "نتيجة العملية على المجلس."))
class MeetingCouncilPayload:
    """The council, or why nothing was done."""

    council: MeetingCouncil | None = leaf("The council now.", "المجلس الآن.", default=None)
    errors: list[UserError] = leaf(*_ERRORS)


async def meeting_payload(info: Info, meeting_id: str) -> MeetingPayload:
    """Return a meeting after what was done."""
    pairs = await sittings.seen(info.context.viewer, [meeting_id])
    found = Meeting.of(*pairs[0]) if pairs else None
    return MeetingPayload(meeting=found, errors=[])


async def motion_of(info: Info, motion_id: str) -> MeetingMotion | None:
    """Return a motion as the viewer sees it."""
    view = (await ballots.of_ids(info.context.viewer, [motion_id])).get(motion_id)
    return None if view is None else MeetingMotion.of(view)


async def motion_payload(info: Info, motion_id: str) -> MeetingMotionPayload:
    """Return a motion after what was done."""
    return MeetingMotionPayload(motion=await motion_of(info, motion_id), errors=[])


async def document_payload(info: Info, document_id: str) -> MeetingDocumentPayload:
    """Return a document after what was done."""
    row = (await documents.of_ids(info.context.viewer, [document_id])).get(document_id)
    return MeetingDocumentPayload(document=MeetingDocument.of(row) if row else None, errors=[])


async def comment_payload(info: Info, comment_id: str) -> MeetingCommentPayload:
    """Return a comment after it was written."""
    row = await comments.one(info.context.viewer, comment_id)
    found = await shown(info, [row], row["version"]) if row else [None]
    return MeetingCommentPayload(comment=found[0], errors=[])


async def proxies_of(info: Info, ids: Sequence[str]) -> dict[str, MeetingProxy]:
    """Return those of the proxies that the viewer may see."""
    found = await proxies.of_ids(info.context.viewer, ids)
    members = {member["id"]: member for _, *pair in found for member in pair}
    told = await people.names({m["person_id"] for m in members.values()}, info.context.language)
    names = {key: told.get(member["person_id"], "") for key, member in members.items()}
    return {
        row["id"]: MeetingProxy(
            id=global_id("MeetingProxy", row["id"]),
            giver=MeetingMember.of(giver, names),
            holder=MeetingMember.of(holder, names),
            weight=row["weight"],
            given_at=row["given_at"],
            revoked_at=row["revoked_at"],
        )
        for row, giver, holder in found
    }


async def proxy_payload(info: Info, proxy_id: str) -> MeetingProxyPayload:
    """Return a proxy after what was done."""
    return MeetingProxyPayload(proxy=(await proxies_of(info, [proxy_id])).get(proxy_id), errors=[])


def meeting_id(asked: strawberry.ID) -> str:
    """Return the raw id of a meeting."""
    return raw_id(asked, "Meeting", "meetingId")


def motion_id(asked: strawberry.ID) -> str:
    """Return the raw id of a motion."""
    return raw_id(asked, "MeetingMotion", "motionId")


def item_id(asked: strawberry.ID) -> str:
    """Return the raw id of an item."""
    return raw_id(asked, "MeetingAgendaItem", "agendaItemId")


def member_id(asked: strawberry.ID | None, *path: str) -> str | None:
    """Return the raw id of a member."""
    return None if asked is None else raw_id(asked, "MeetingMember", *path)


async def cast_payload(info: Info, motion: str, receipts: list[str]) -> MeetingCastVotePayload:
    """Return a motion after a vote, with the receipts of a secret ballot."""
    return MeetingCastVotePayload(
        motion=await motion_of(info, motion),
        receipt=receipts[0] if receipts else None,
        receipts=receipts or None,
        errors=[],
    )
