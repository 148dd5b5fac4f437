"""What inputs mean to the services."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Any

from bawaba.graphql import raw_id

from bawaba_emeeting.domain import Convening
from bawaba_emeeting.graphql import inputs
from bawaba_emeeting.graphql.payloads import item_id, member_id, motion_id
from bawaba_emeeting.rules.regulations import FIRST, rung_written
from bawaba_emeeting.services.casting import Cast
from bawaba_emeeting.services.comments import Anchor
from bawaba_emeeting.services.documents import NewDocument
from bawaba_emeeting.services.minutes import Amendment as TextAmendment
from bawaba_emeeting.services.motions import NewMotion
from bawaba_emeeting.services.regulating import Amendment
from bawaba_emeeting.services.scheduling import Plan


def plan(asked: inputs.MeetingScheduleInput) -> Plan:
    """Return the meeting that is asked for."""
    return Plan(
        council=asked.council,
        kind=asked.kind,
        title=asked.title,
        scheduled_at=asked.scheduled_at,
        agenda=[(item.title, item.body or "") for item in asked.agenda],
        is_closed=bool(asked.is_closed),
    )


def new_document(asked: inputs.MeetingAddDocumentInput) -> NewDocument:
    """Return the document that is asked for."""
    document = asked.document_id
    return NewDocument(
        item=item_id(asked.agenda_item_id),
        title=asked.title,
        attachment=asked.attachment_id,
        document=raw_id(document, "MeetingDocument", "documentId") if document else None,
    )


def anchor(asked: inputs.MeetingCommentInput) -> Anchor:
    """Return the place that a comment is about."""
    place = asked.rectangle
    return Anchor(
        page=asked.page,
        rectangle=(place.x, place.y, place.width, place.height) if place else None,
        quote=asked.quote or "",
    )


def amendment(asked: inputs.MeetingAmendMinutesInput) -> TextAmendment:
    """Return the amendment of the minutes that is asked for."""
    return TextAmendment(asked.version, asked.section, asked.text, asked.language)


def new_motion(asked: inputs.MeetingProposeMotionInput) -> NewMotion:
    """Return the motion that is asked for."""
    return NewMotion(
        item=item_id(asked.agenda_item_id),
        text=asked.text,
        ballot=asked.ballot,
        majority=asked.majority,
        base=asked.base,
        candidates=[
            (each.name, member_id(each.member_id, "candidates", str(index)))
            for index, each in enumerate(asked.candidates or [])
        ],
        bloc=[motion_id(each) for each in asked.en_bloc or []],
    )


def cast_of(asked: inputs.MeetingCastVoteInput) -> Cast:
    """Return the vote that is sent."""
    return Cast(
        motion=motion_id(asked.motion_id),
        choice=asked.choice,
        candidates=[
            raw_id(each, "MeetingCandidate", "candidateIds", str(index))
            for index, each in enumerate(asked.candidate_ids or [])
        ],
        member=member_id(asked.on_behalf_of, "onBehalfOf"),
        nonce=asked.ballot_nonce,
    )


def rules_amendment(asked: inputs.MeetingAmendRulesInput) -> Amendment:
    """Return the amendment of the rules that is asked for."""
    first = {
        "numerator": asked.quorum_numerator,
        "denominator": asked.quorum_denominator,
        "strict": asked.quorum_is_strict,
        "wait_minutes": asked.wait_minutes,
    }
    return Amendment(
        effective_from=asked.effective_from,
        reason=asked.reason,
        changes={
            "ladder": _ladder(asked.ladder),
            FIRST: {name: value for name, value in first.items() if value is not None} or None,
            "majorities": _values(asked.majorities),
            "bases": _values(asked.bases),
            "quorum_base": asked.quorum_base.value if asked.quorum_base else None,
            "on_quorum_loss": asked.on_quorum_loss.value if asked.on_quorum_loss else None,
            "tie": asked.tie.value if asked.tie else None,
            "remote_counts": asked.remote_counts,
            "recused_count": asked.recused_count,
            "abstentions_count": asked.abstentions_count,
            "change_allowed": asked.change_allowed,
            "hide_until_close": asked.hide_until_close,
            "proxies_per_holder": asked.proxies_per_holder,
        },
    )


def _ladder(given: Sequence[inputs.MeetingConveningInput] | None) -> list[dict[str, Any]] | None:
    if given is None:
        return None
    return [
        rung_written(
            Convening(
                each.numerator,
                each.denominator,
                strict=each.is_strict,
                wait_minutes=each.wait_minutes,
            )
        )
        for each in given
    ]


def _values(given: Sequence[Enum] | None) -> list[str] | None:
    """Return each value once."""
    if given is None:
        return None
    return [each.value for each in dict.fromkeys(given)]
