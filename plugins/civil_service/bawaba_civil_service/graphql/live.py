"""What is watched: a request for a certificate, by its owner."""

from __future__ import annotations

from collections.abc import AsyncIterable
from functools import partial
from typing import Annotated

import strawberry
from bawaba import live
from bawaba.errors import NotFound
from bawaba.graphql import After, Info, argument, leaf, raw_id, subscription
from bawaba.live import LiveEvent, Watch
from bawaba.text import both
from bawaba.viewer import Viewer

from bawaba_civil_service.graphql.nodes import show_request
from bawaba_civil_service.graphql.papers import REQUEST, CivilServiceCertificateRequest
from bawaba_civil_service.graphql.words import CivilServiceUpdateKind
from bawaba_civil_service.services import requests
from bawaba_civil_service.services.offer import USE


@strawberry.type(description=both("A live value of a request.", "قيمة حية لطلب شهادة."))
class CivilServiceCertificateUpdate:
    """The request as it is now."""

    cursor: str = leaf(
        "Where it stands; pass it as `after` to resume.", "موضعها؛ يمرر في `after` للاستئناف."
    )
    kind: CivilServiceUpdateKind = leaf("Why it was sent.", "سبب الإرسال.")
    request: CivilServiceCertificateRequest = leaf("The request now.", "الطلب الآن.")


@strawberry.type
class CivilServiceSubscription:
    """Roots under Subscription."""

    @subscription(
        permission=USE,
        audiences=["viewer"],
        cost=5,
        en="Follow one's own request for a certificate.",
        ar="متابعة طلب شهادتك.",
    )
    async def civil_service_certificate_updated(
        self,
        info: Info,
        id: Annotated[strawberry.ID, argument("The request.", "الطلب.")],
        after: After = None,
    ) -> AsyncIterable[CivilServiceCertificateUpdate]:
        """Follow a request; somebody else's is not found."""
        viewer, wanted = info.context.viewer, raw_id(id, REQUEST, "id")
        if not await requests.visible(viewer, [wanted]):
            raise NotFound("id")
        show = partial(_request, wanted)
        return Watch(requests.TOPIC + wanted, live.one_viewer(viewer), show, after)


async def _request(
    request_id: str, event: LiveEvent, viewer: Viewer
) -> CivilServiceCertificateUpdate | None:
    row = (await requests.visible(viewer, [request_id])).get(request_id)
    if row is None:
        return None
    kind = CivilServiceUpdateKind(event.kind)
    shown = await show_request(row)
    return CivilServiceCertificateUpdate(cursor=event.cursor, kind=kind, request=shown)
