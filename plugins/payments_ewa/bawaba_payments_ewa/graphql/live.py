"""What is watched: an account."""

from __future__ import annotations

from collections.abc import AsyncIterable
from functools import partial
from typing import Annotated

import strawberry
from bawaba import live
from bawaba.errors import BadInput
from bawaba.graphql import After, Info, argument, leaf, split_id, subscription
from bawaba.live import LiveEvent, Watch
from bawaba.text import both
from bawaba.viewer import Viewer

from bawaba_payments_ewa.domain import TOPIC, EwaUpdateKind
from bawaba_payments_ewa.graphql.accounts import EwaAccount
from bawaba_payments_ewa.services import accounts

AccountId = Annotated[strawberry.ID, argument("The account.", "الحساب.")]


@strawberry.type(description=both("A live value of an account.", "قيمة حية لحساب."))
class EwaAccountUpdate:
    """The account as it is now."""

    cursor: str = leaf(
        "Where it stands; pass it as `after` to resume.", "موضعها؛ يمرر في `after` للاستئناف."
    )
    kind: EwaUpdateKind = leaf("Why it was sent.", "سبب الإرسال.")
    account: EwaAccount = leaf("The account now.", "الحساب الآن.")


@strawberry.type
class EwaSubscription:
    """Roots under Subscription."""

    @subscription(
        permission="ewa.use",
        audiences=["viewer"],
        cost=5,
        en="Follow an account: its balance, bills and dunning.",
        ar="متابعة حساب: رصيده وفواتيره وإجراءات تحصيله.",
    )
    async def ewa_account_updated(
        self, info: Info, id: AccountId, after: After = None
    ) -> AsyncIterable[EwaAccountUpdate]:
        """Follow an account; who may see it is asked again at each step."""
        parts = split_id(id)
        if parts is None or parts[0] != "EwaAccount":
            raise BadInput(argument="id")
        audience = live.one_viewer(info.context.viewer)
        return Watch(TOPIC + parts[1], audience, partial(_show, parts[1]), after)


async def _show(account_id: str, event: LiveEvent, viewer: Viewer) -> EwaAccountUpdate | None:
    row = (await accounts.visible(viewer, [account_id])).get(account_id)
    if row is None:
        return None
    return EwaAccountUpdate(
        cursor=event.cursor,
        kind=EwaUpdateKind(event.kind),
        account=EwaAccount.of(row, is_open=True),
    )
