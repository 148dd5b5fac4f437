"""Objecting, and deciding about objections."""

from __future__ import annotations

from typing import Annotated

import strawberry
from bawaba.graphql import Info, argument, field, raw_id

from bawaba_payments_traffic.domain import AGENCY
from bawaba_payments_traffic.graphql.inputs import TrafficDecideObjectionInput, TrafficObjectInput
from bawaba_payments_traffic.graphql.nodes import show_objections
from bawaba_payments_traffic.graphql.types import (
    TrafficDecideObjectionPayload,
    TrafficObjectPayload,
)
from bawaba_payments_traffic.services import objections

ObjectInput = Annotated[TrafficObjectInput, argument("The objection.", "الاعتراض.")]
DecideInput = Annotated[TrafficDecideObjectionInput, argument("The decision.", "القرار.")]


@strawberry.type
class TrafficMutation:
    """Roots under Mutation."""

    @field(
        permission="traffic.object",
        cost=10,
        en="Object to one's own fine.",
        ar="الاعتراض على مخالفة.",
    )
    async def traffic_object(self, info: Info, input: ObjectInput) -> TrafficObjectPayload:
        """Submit an objection; refused while another to the same fine is open."""
        viewer, fine = info.context.viewer, raw_id(input.fine_id, "TrafficFine", "fineId")
        attached = input.attachment_ids or ()
        row = await objections.submit(viewer, fine, input.grounds, attached, input.idempotency_key)
        return TrafficObjectPayload(objection=(await show_objections([row]))[0], errors=[])

    @field(
        permission="traffic.decide",
        cost=10,
        en="Uphold or reject an objection; upholding refunds what was paid.",
        ar="قبول اعتراض أو رفضه؛ والقبول يرد ما دُفع.",
    )
    async def traffic_decide_objection(
        self,
        info: Info,
        input: DecideInput,
    ) -> TrafficDecideObjectionPayload:
        """Decide, once and for all."""
        viewer = info.context.viewer
        about = raw_id(input.objection_id, "TrafficObjection", "objectionId")
        viewer.require("traffic.decide", AGENCY)
        row = await objections.decide(
            viewer, about, uphold=input.uphold, reason=input.reason, key=input.idempotency_key
        )
        return TrafficDecideObjectionPayload(objection=(await show_objections([row]))[0], errors=[])
