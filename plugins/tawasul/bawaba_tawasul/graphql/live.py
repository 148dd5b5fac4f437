"""What is watched: a case, an agency's cases."""

from __future__ import annotations

from collections.abc import AsyncIterable
from functools import partial

import strawberry
from bawaba import live
from bawaba.graphql import After, Info, leaf, subscription
from bawaba.live import SNAPSHOT, LiveEvent, Watch
from bawaba.text import both
from bawaba.viewer import Viewer

from bawaba_tawasul.domain import Sight
from bawaba_tawasul.graphql.queries import TRIES, AgencyCode, Reference
from bawaba_tawasul.graphql.types import TawasulCase
from bawaba_tawasul.graphql.words import TawasulUpdateKind
from bawaba_tawasul.services import cases
from bawaba_tawasul.services.cases import AGENCY_TOPIC, DESK_TOPIC, TOPIC, CaseView

_CURSOR = ("Where it stands; pass it as `after` to resume.", "موضعها؛ يمرر في `after` للاستئناف.")
_KIND = ("Why it was sent.", "سبب الإرسال.")


@strawberry.type(description=both("A live value of a case.", "قيمة حية لحالة."))
class TawasulCaseUpdate:
    """The case as it is now."""

    cursor: str = leaf(*_CURSOR)
    kind: TawasulUpdateKind = leaf(*_KIND)
    case: TawasulCase = leaf("The case now.", "الحالة الآن.")


@strawberry.type(description=both("A live value of a desk.", "قيمة حية لمكتب."))
class TawasulFeedUpdate:
    """A case that changed, or the wish to read the queue afresh."""

    cursor: str = leaf(*_CURSOR)
    kind: TawasulUpdateKind = leaf(*_KIND)
    case: TawasulCase | None = leaf(
        "The case now; null of SNAPSHOT (read the queue afresh) and LEFT.",
        "الحالة الآن؛ فارغة مع SNAPSHOT (أعد قراءة القائمة) ومع LEFT.",
    )


@strawberry.type
class TawasulSubscription:
    """Roots under Subscription."""

    @subscription(
        permission="tawasul.use",
        audiences=["viewer", "role"],
        cost=5,
        en="Follow a case: first its state, then each step.",
        ar="متابعة حالة: وضعها أولاً ثم كل خطوة.",
    )
    async def tawasul_case_updated(
        self, info: Info, reference: Reference, after: After = None
    ) -> AsyncIterable[TawasulCaseUpdate]:
        """Follow a case; how much of it is shown is asked again at each step."""
        info.context.attempt("tawasul.reference", reference, times=TRIES)
        viewer = info.context.viewer
        view = await cases.required(viewer, reference)
        audience = _audience(viewer, view)
        topic = DESK_TOPIC if view.is_desk else TOPIC
        show = partial(_case, view.row["id"])
        return Watch(topic + view.row["id"], audience, show, after)

    @subscription(
        permission="tawasul.desk",
        audiences=["role"],
        delivery="log",
        cost=5,
        en="Follow an agency's cases: each step of each.",
        ar="متابعة حالات جهة: كل خطوة في كل منها.",
    )
    async def tawasul_agency_feed(
        self, info: Info, agency: AgencyCode, after: After = None
    ) -> AsyncIterable[TawasulFeedUpdate]:
        """Follow a desk."""
        info.context.viewer.require("tawasul.desk", agency)
        audience = live.holders("tawasul.desk", agency)
        return Watch(AGENCY_TOPIC + agency, audience, partial(_feed, agency), after)


def _audience(viewer: Viewer, view: CaseView) -> live.Audience:
    """Return those who see the case as the viewer does."""
    if view.sight is Sight.ARBITER:
        return live.holders("tawasul.arbitrate")
    if view.sight is not Sight.DESK:
        return live.one_viewer(viewer)
    agency = view.row["agency"]
    at_home = viewer.can("tawasul.desk", agency)
    return live.holders("tawasul.desk", agency if at_home else view.row["transfer_to"])


async def _case(case_id: str, event: LiveEvent, viewer: Viewer) -> TawasulCaseUpdate | None:
    view = (await cases.of_ids(viewer, [case_id])).get(case_id)
    if view is None:
        return None
    return TawasulCaseUpdate(
        cursor=event.cursor, kind=TawasulUpdateKind(event.kind), case=TawasulCase.of(view)
    )


async def _feed(agency: str, event: LiveEvent, viewer: Viewer) -> TawasulFeedUpdate | None:
    if not viewer.can("tawasul.desk", agency):
        return None
    if event.kind == SNAPSHOT or "case" not in event.data:
        return TawasulFeedUpdate(cursor=event.cursor, kind=TawasulUpdateKind("SNAPSHOT"), case=None)
    view = (await cases.of_ids(viewer, [event.data["case"]])).get(event.data["case"])
    kind = event.kind if view else "LEFT"
    return TawasulFeedUpdate(
        cursor=event.cursor,
        kind=TawasulUpdateKind(kind),
        case=TawasulCase.of(view) if view else None,
    )
