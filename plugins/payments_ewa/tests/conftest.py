"""The plugin alone with the core's door: its own tables, its schema, and ports that remember."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
import strawberry
from bawaba import core_types, db
from bawaba.correspondence import Letter
from bawaba.graphql import PUBLIC, Context, global_id
from bawaba.graphql import field as root
from bawaba.host.notifications.models import NoticeRow
from bawaba.host.storage.database import ModelApp
from bawaba.payments import Channel, ReversedItem, SettledItem
from bawaba.plugin import SchemaPart
from bawaba.testing.alone import Alone, opened, schema_of
from bawaba.text import Language, Text
from bawaba.viewer import ANONYMOUS
from bawaba_payments_ewa import plugin
from bawaba_payments_ewa.domain import AccountRecord, EwaTariffClass, Reading
from bawaba_payments_ewa.gateway import simulator
from bawaba_payments_ewa.models import EwaAccount, EwaBill, EwaShare
from bawaba_payments_ewa.services import accounts, bills, demo, offer, payable
from bawaba_payments_ewa.settings import EwaSettings

START = dt.datetime(2026, 5, 10, 6, tzinfo=dt.UTC)
NUMBER = "1004482913"
APPS = (
    ModelApp("core", "bawaba.host.models"),
    ModelApp("ewa", "bawaba_payments_ewa.models", "bawaba_payments_ewa.migrations"),
)

LOOK_UP = """
query ($number: String!, $id: String!, $first: Int! = 10, $after: String) {
  ewaAccount(number: $number, nationalId: $id) {
    id number address tariffClass isSubsidised balance { amount currency }
    dunning { status since nextStepOn } plan { kind instalment { amount } monthsBilled }
    payments(first: 5) { nodes { id kind receiptNumber amount { amount } reversedAmount { amount }
      shares { billReference amount { amount } } } }
    bills(first: $first, after: $after) {
      totalCount pageInfo { hasNextPage endCursor }
      nodes {
        id reference status description period { startsOn endsOn } accountNumber supersededBy
        lines { kind description explanation quantity unit amount { amount } }
        amount { amount } amountDue { amount } dueOn
        minimumPayment { amount } maximumPayment { amount }
        priceExplanation notPayableReason service { code agency { code } }
      }
    }
  }
}
"""


@strawberry.type
class _Me:
    @root(permission=PUBLIC, en="Me.", ar="أنا.")
    def me(self, info: strawberry.Info[Context, None]) -> core_types.Person | None:
        viewer = info.context.viewer
        if viewer.person_id is None:
            return None
        return core_types.Person(
            id=global_id("Person", viewer.person_id),
            display_name="",
            national_id=None,
            roles=[],
            suspended_at=None,
            person_id=viewer.person_id,
        )


@dataclass(kw_only=True)
class Portal(Alone):
    """Everything a test of this plugin needs: time, people, ports that remember, operations."""

    plugin: Any = plugin
    people: Any = demo.PEOPLE
    at: dt.datetime = START
    settings: Any = field(default_factory=lambda: EwaSettings(register_timeout=1.0))
    document: str = LOOK_UP
    payable: payable.EwaPayable = plugin.declare_payables()[0]
    letters: list[Letter] = field(default_factory=list)
    count: Any = field(default_factory=lambda: itertools.count(1))

    async def send(
        self, agency: str, kind: str, body: Mapping[str, Any], key: str
    ) -> Mapping[str, Any]:
        assert not db.in_transaction()
        letter = Letter(agency, kind, body, key, "-", self.at)
        async with simulator.line(letter):
            reply = await offer.CORRESPONDENTS[0].simulated[kind](letter)
        self.letters.append(letter)
        return reply

    async def send_as_agency(
        self, agency: str, kind: str, body: Mapping[str, Any], key: str
    ) -> Mapping[str, Any]:
        letter = Letter(agency, kind, body, key, "-", self.at)
        return await offer.CORRESPONDENTS[0].takes[kind](letter)

    async def execute(
        self,
        document: str,
        person: str | None = None,
        language: Language = Language.EN,
        **variables: Any,
    ) -> Any:
        viewer = self.person(person, language) if person else ANONYMOUS
        data, codes = await self.raw(document, variables, viewer)
        assert not codes, codes
        return data

    async def codes(self, document: str, person: str | None = None, **variables: Any) -> list[str]:
        viewer = self.person(person) if person else ANONYMOUS
        return (await self.raw(document, variables, viewer))[1]

    async def look_up(
        self, number: str, owner: str = demo.CITIZEN.national_id, who: str | None = None
    ) -> Any:
        """The account that ``ewaAccount`` gives."""
        return (await self.execute(LOOK_UP, who, number=number, id=owner))["ewaAccount"]

    # Accounts.

    def reading(self, day: dt.date, kwh: int = 1000, m3: int = 20, **more: Any) -> Reading:
        facts = {
            "reference": f"B-{day:%Y%m%d}-{next(self.count)}",
            "issued_on": day,
            "due_on": day + dt.timedelta(days=21),
            "starts_on": day - dt.timedelta(days=30),
            "ends_on": day - dt.timedelta(days=1),
            "electricity_kwh": kwh,
            "water_m3": m3,
        }
        return Reading(**(facts | more))

    def account(self, *readings: Reading, **more: Any) -> AccountRecord:
        facts = {
            "number": NUMBER,
            "owner_national_id": demo.CITIZEN.national_id,
            "address": Text("House 1", "منزل 1"),
            "tariff_class": EwaTariffClass.DOMESTIC,
            "subsidised": True,
            "readings": list(readings),
        }
        return AccountRecord(**(facts | more))

    async def enter(self, *records: AccountRecord) -> None:
        """Let the authority have accounts, and the mirror know them."""
        await simulator.enter(records)
        await accounts.refresh(records)

    async def billed(self, *ages: int, **more: Any) -> AccountRecord:
        """An account with a bill of each age in days, 3.000 + 0.500 + 0.400 = BHD 3.900 each."""
        today = self.at.date()
        record = self.account(*(self.reading(today - dt.timedelta(days=a)) for a in ages), **more)
        await self.enter(record)
        return record

    async def row(self, number: str = NUMBER) -> EwaAccount:
        return await EwaAccount.get(number=number)

    async def current(self, number: str = NUMBER) -> EwaBill:
        account = await self.row(number)
        (view,) = await bills.current_of([account.id])
        return await EwaBill.get(id=view.row["id"])

    def item(self, bill_id: str, fils: int, number: int = 1) -> SettledItem:
        return SettledItem(
            payment_id=f"p{number}",
            payment_reference=f"P-{number}",
            item_id=f"i{number}",
            bill_id=bill_id,
            bill_reference="B",
            fils=fils,
            paid_at=self.at,
            receipt_number=f"R-{number}",
            channel=Channel.PORTAL,
        )

    async def pay(self, fils: int, number: int = 1, account: str = NUMBER) -> SettledItem:
        item = self.item((await self.current(account)).id, fils, number)
        await self.settle(item)
        return item

    async def settle(self, *items: SettledItem) -> None:
        async with db.transaction():
            await self.payable.mark_paid(items)

    async def reverse(self, item: SettledItem, fils: int, refund: str = "r1") -> ReversedItem:
        back = ReversedItem(
            item.payment_id, item.item_id, refund, item.bill_id, fils, fils == item.fils, self.at
        )
        async with db.transaction():
            await self.payable.mark_reversed([back])
        return back

    async def run(self, name: str) -> int:
        """Run the queued jobs of a name; return how many there were."""
        declared = {job.name: job.run for job in plugin.declare_jobs()}
        waiting = [job for job in self.jobs if job[0] == name]
        for job in waiting:
            await declared[name](job[1])
            self.jobs.remove(job)
        return len(waiting)

    async def notices(self) -> list[str]:
        """The keys of all notices, oldest first, without the account's id."""
        rows = await NoticeRow.all().order_by("id").values("key", "person_id")
        return [f"{row['key'].split(':', 2)[2]} {row['person_id']}" for row in rows]

    async def check_books(self) -> None:
        """Fail where the columns of an account are not the fold of its rows."""
        for account in await EwaAccount.all():
            charged = await EwaBill.filter(account_id=account.id).exclude(status="CANCELLED")
            shares = await EwaShare.filter(account_id=account.id)
            for bill in charged:
                assert bill.applied_fils == sum(s.fils for s in shares if s.bill_id == bill.id)
            assert account.credit_fils == sum(s.fils for s in shares if s.bill_id is None)
            open_fils = sum(bill.charge_fils - bill.applied_fils for bill in charged)
            assert account.balance_fils == open_fils - account.credit_fils
            assert not (account.credit_fils and open_fils)
            assert sum(b.superseded_by is None for b in charged) == (1 if charged else 0)


@pytest.fixture(scope="session")
def schema() -> Any:
    return schema_of("payments-ewa", plugin, SchemaPart(query=_Me))


@pytest.fixture
async def portal(database_url: str, schema: Any) -> AsyncIterator[Portal]:
    """The plugin on a fresh database."""
    here = Portal(schema=schema)
    async with opened(here, database_url, APPS):
        yield here
