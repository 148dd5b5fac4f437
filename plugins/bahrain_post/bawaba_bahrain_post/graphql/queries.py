"""Following a shipment, one's own shipments and boxes, the desk of what customs holds."""

from __future__ import annotations

from collections.abc import AsyncIterable
from functools import partial
from typing import Annotated, Any

import strawberry
from bawaba.errors import Forbidden
from bawaba.graphql import (
    PUBLIC,
    After,
    Connection,
    First,
    Info,
    NotFound,
    argument,
    field,
    leaf,
    subscription,
)
from bawaba.live import EVERYONE, LiveEvent, Watch
from bawaba.text import both
from bawaba.viewer import Viewer

from bawaba_bahrain_post.domain import AGENCY
from bawaba_bahrain_post.graphql.types import PostBox, PostHeldShipment, PostShipment
from bawaba_bahrain_post.graphql.words import PostUpdateKind
from bawaba_bahrain_post.services import boxes, notices, shipments

TrackingNumber = Annotated[
    str,
    argument(
        "As printed on the label; spaces and lower case do not matter.",
        "كما هو مطبوع على الملصق؛ لا تهم المسافات ولا حالة الأحرف.",
    ),
]


async def _found(info: Info, typed: str) -> shipments.Row | None:
    """Look a shipment up; what could be guessed is counted first."""
    number = shipments.well_formed(typed)
    info.context.attempt("post.tracking", number)
    return await shipments.find(number)


def _oneself(person: Any, viewer: Viewer) -> Viewer:
    if person.person_id != viewer.person_id:
        raise Forbidden
    return viewer


@strawberry.type
class PostQuery:
    """Roots under Query."""

    @field(
        permission=PUBLIC,
        cost=10,
        en="A shipment by its tracking number; null where the post knows none.",
        ar="شحنة برقم تتبعها؛ وقيمة فارغة إن لم يعرفها البريد.",
    )
    async def post_shipment(
        self, info: Info, tracking_number: TrackingNumber
    ) -> PostShipment | None:
        """Look it up; the post is asked for what is not known here."""
        row = await _found(info, tracking_number)
        return PostShipment.of(row) if row else None

    @field(
        permission="post.desk",
        cost=5,
        en="What customs holds, the longest known first: the desk.",
        ar="الشحنات المحتجزة لدى الجمارك، الأقدم أولاً: مكتب الموظفين.",
    )
    async def post_held_shipments(
        self, info: Info, first: First, after: After = None
    ) -> Connection[PostHeldShipment]:
        """Return a page of held shipments."""
        info.context.viewer.require("post.desk", AGENCY)
        page = await shipments.held(first, after)
        return Connection[PostHeldShipment].of(page, PostHeldShipment.of)  # type: ignore[no-any-return]


@strawberry.type
class PostPersonFields:
    """Fields of Person; only one's own are shown."""

    @field(
        permission="post.use",
        cost=2,
        en="Your post boxes, newest first.",
        ar="صناديق بريدك، الأحدث أولاً.",
    )
    async def post_boxes(
        self: Any, info: Info, first: First, after: After = None
    ) -> Connection[PostBox]:
        """Return a page of one's own boxes."""
        viewer = _oneself(self, info.context.viewer)
        await notices.meet(viewer)
        page = await boxes.of_person(viewer, first, after)
        return Connection[PostBox].of(page, PostBox.of)  # type: ignore[no-any-return]

    @field(
        permission="post.use",
        cost=2,
        en="Shipments addressed to you, newest first.",
        ar="الشحنات المرسلة إليك، الأحدث أولاً.",
    )
    async def post_shipments(
        self: Any, info: Info, first: First, after: After = None
    ) -> Connection[PostShipment]:
        """Return a page of one's own shipments."""
        viewer = _oneself(self, info.context.viewer)
        await notices.meet(viewer)
        page = await shipments.of_person(viewer, first, after)
        return Connection[PostShipment].of(page, PostShipment.of)  # type: ignore[no-any-return]


@strawberry.type(description=both("A live value of a shipment.", "قيمة حية لشحنة."))
class PostShipmentUpdate:
    """The shipment as it is now."""

    cursor: str = leaf(
        "Where it stands; pass it as `after` to resume.", "موضعها؛ يمرر في `after` للاستئناف."
    )
    kind: PostUpdateKind = leaf("Why it was sent.", "سبب الإرسال.")
    shipment: PostShipment = leaf("The shipment now.", "الشحنة الآن.")


@strawberry.type
class PostSubscription:
    """Roots under Subscription."""

    @subscription(
        permission=PUBLIC,
        audiences=["public"],
        cost=10,
        en="Follow a shipment: first its state, then each change.",
        ar="متابعة شحنة: حالتها أولاً ثم كل تغيير.",
    )
    async def post_shipment_updated(
        self, info: Info, tracking_number: TrackingNumber, after: After = None
    ) -> AsyncIterable[PostShipmentUpdate]:
        """Follow a shipment; everybody who knows its number sees the same."""
        row = await _found(info, tracking_number)
        if row is None:
            raise NotFound("trackingNumber")
        return Watch(shipments.TOPIC + row["id"], EVERYONE, partial(_update, row["id"]), after)


async def _update(shipment_id: str, event: LiveEvent, _viewer: Viewer) -> PostShipmentUpdate | None:
    row = (await shipments.rows_of([shipment_id])).get(shipment_id)
    if row is None:
        return None
    kind, shown = PostUpdateKind(event.kind), PostShipment.of(row)
    return PostShipmentUpdate(cursor=event.cursor, kind=kind, shipment=shown)
