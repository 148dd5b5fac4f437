"""Looking an account up, and one's own accounts."""

from __future__ import annotations

from typing import Annotated, Any

import strawberry
from bawaba.errors import Forbidden
from bawaba.graphql import PUBLIC, After, Connection, First, Info, argument, field
from bawaba.paging import Page

from bawaba_payments_ewa.domain import AGENCY, EwaDunningStatus
from bawaba_payments_ewa.graphql.accounts import EwaAccount
from bawaba_payments_ewa.services import accounts, links

Number = Annotated[str, argument("The account's number.", "رقم الحساب.")]
NationalId = Annotated[
    str, argument("The personal number of its owner.", "الرقم الشخصي لصاحب الحساب.")
]
Stage = Annotated[
    EwaDunningStatus | None,
    argument("Only those at this stage.", "ما كان في هذه المرحلة فقط."),
]
TRIES = 20
"""Tries a minute at one account, at one owner, or by one visitor."""


def count_try(info: Info, number: str, national_id: str) -> None:
    """Count a try at an account, and one at its owner: neither is found by trying the other.

    Raises:
        LimitExceeded: there were too many.
    """
    info.context.attempt("ewa.account", number.strip().upper(), times=TRIES)
    info.context.attempt("ewa.owner", national_id.strip(), times=TRIES)


@strawberry.type
class EwaQuery:
    """Roots under Query."""

    @field(
        permission=PUBLIC,
        cost=10,
        en="An account, by its number and its owner's personal number; a wrong pair gives null.",
        ar="حساب برقمه وبالرقم الشخصي لصاحبه؛ وقيمة فارغة إن لم يتطابقا.",
    )
    async def ewa_account(
        self, info: Info, number: Number, national_id: NationalId
    ) -> EwaAccount | None:
        """Ask the authority and show what it knows."""
        count_try(info, number, national_id)
        row = await accounts.look_up(number, national_id)
        if row is None:
            return None
        seen = await accounts.visible(info.context.viewer, [row["id"]])
        return EwaAccount.of(row, is_open=row["id"] in seen)

    @field(
        permission="ewa.read",
        cost=5,
        en="All accounts, by number: the officers' desk.",
        ar="جميع الحسابات مرتبة بالرقم: مكتب الموظفين.",
    )
    async def ewa_accounts(
        self, info: Info, first: First, after: After = None, dunning: Stage = None
    ) -> Connection[EwaAccount]:
        """Return a page of accounts, those of one stage if asked so."""
        info.context.viewer.require("ewa.read", AGENCY)
        page = await accounts.desk(dunning, first, after)
        return _connection(page)


@strawberry.type
class EwaPersonFields:
    """Fields of Person; only one's own are shown."""

    @field(
        permission="ewa.use",
        cost=5,
        en="The electricity and water accounts that you own or follow, by number.",
        ar="حسابات الكهرباء والماء المسجلة باسمك أو التي تتابعها، مرتبة بالرقم.",
    )
    async def ewa_accounts(
        self: Any, info: Info, first: First, after: After = None
    ) -> Connection[EwaAccount]:
        """Ask the authority for one's accounts and show them; while it is out, the mirror."""
        viewer = info.context.viewer
        if self.person_id != viewer.person_id:
            raise Forbidden
        await accounts.try_refresh(viewer)
        return _connection(await links.page_of(viewer, first, after))


def _connection(page: Page) -> Connection[EwaAccount]:
    found: Connection[EwaAccount] = Connection.of(
        page, lambda row: EwaAccount.of(row, is_open=True)
    )
    return found
