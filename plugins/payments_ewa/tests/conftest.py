"""The plugin alone with the core's door: its own tables, its schema, and ports that remember."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
import strawberry
from bawaba import core_types, db
from bawaba.correspondence import Letter
from bawaba.errors import Refusal, RequestError
from bawaba.graphql import PUBLIC, Context, global_id
from bawaba.graphql import field as root
from bawaba.host import registry
from bawaba.host.clock import TimeOrderedIds
from bawaba.host.notifications.models import NoticeRow
from bawaba.host.ports import Runtime
from bawaba.host.schema.compose import compose
from bawaba.host.storage.database import Database, ModelApp
from bawaba.host.storage.migrate import migrate
from bawaba.idempotency import IdempotencyInProgress, IdempotencyKeyReused
from bawaba.payments import Channel, ReversedItem, SettledItem
from bawaba.plugin import Manifest, SchemaPart, hookimpl
from bawaba.runtime import bound
from bawaba.testing.databases import postgres_database
from bawaba.text import Language, Text
from bawaba.viewer import ANONYMOUS, EVERYWHERE, Viewer
from bawaba_payments_ewa import plugin
from bawaba_payments_ewa.domain import AccountRecord, EwaTariffClass, Reading
from bawaba_payments_ewa.gateway import simulator
from bawaba_payments_ewa.models import EwaAccount, EwaBill, EwaShare
from bawaba_payments_ewa.services import accounts, bills, demo, offer, payable
from bawaba_payments_ewa.settings import EwaSettings
from graphql import GraphQLError
from tortoise.utils import generate_schema_for_client

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
    payments(first: 5) { nodes { kind receiptNumber amount { amount } reversedAmount { amount }
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


class _Core:
    """Stands for core where only the plugin's own schema is wanted."""

    __name__ = "core_alone"

    @hookimpl
    def declare_manifest(self) -> Manifest:
        return Manifest("bawaba", "core", Text("Core", "النواة"), "0")

    @hookimpl
    def declare_errors(self) -> tuple[type[Refusal], ...]:
        return (IdempotencyKeyReused, IdempotencyInProgress)

    @hookimpl
    def declare_schema(self) -> tuple[SchemaPart, ...]:
        return (SchemaPart(query=_Me),)


@dataclass
class Portal:
    """Everything a test of this plugin needs: time, people, ports that remember, operations."""

    schema: Any
    document: str = LOOK_UP
    at: dt.datetime = START
    payable: payable.EwaPayable = plugin.declare_payables()[0]
    jobs: list[tuple[str, dict[str, Any], str | None]] = field(default_factory=list)
    delays: list[dt.timedelta] = field(default_factory=list)
    holidays: dict[dt.date, bool] = field(default_factory=dict)
    events: list[tuple[str, str]] = field(default_factory=list)
    trail: list[tuple[str, str]] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)
    settings: EwaSettings = field(default_factory=lambda: EwaSettings(register_timeout=1.0))
    count: Any = field(default_factory=lambda: itertools.count(1))

    # Ports.

    def now(self) -> dt.datetime:
        return self.at

    def plugin_settings(self, kind: type) -> Any:
        assert kind is EwaSettings
        return self.settings

    async def enqueue(
        self, name: str, payload: Mapping[str, Any], *, key: str | None, delay: dt.timedelta
    ) -> None:
        db.require_transaction()
        if key is None or (name, key) not in [(n, k) for n, _, k in self.jobs]:
            self.jobs.append((name, dict(payload), key))
            self.delays.append(delay)

    async def announced(self, first: dt.date, last: dt.date) -> Mapping[dt.date, bool]:
        return {day: is_off for day, is_off in self.holidays.items() if first <= day <= last}

    async def emit(self, topic: str, kind: str, data: Mapping[str, Any]) -> int:
        db.require_transaction()
        self.events.append((topic, kind))
        return len(self.events)

    async def record(
        self, viewer: Viewer | None, action: str, resource: str, detail: Mapping[str, Any]
    ) -> None:
        db.require_transaction()
        self.trail.append((action, resource))

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

    async def services(self) -> Mapping[str, Any]:
        return {entry.code: entry for entry in plugin.declare_services()}

    async def agencies(self) -> Mapping[str, Any]:
        return {entry.code: entry for entry in plugin.declare_agencies()}

    # People and operations.

    def person(self, handle: str, language: Language = Language.EN) -> Viewer:
        who = next(p for p in demo.PEOPLE if p.handle == handle)
        held = {grant.role: grant.scope for grant in who.grants}
        roles = [r for r in plugin.declare_roles() if r.everyone or r.name in held]
        grants = {
            p: frozenset({held.get(role.name, EVERYWHERE)})
            for role in roles
            for p in role.permissions
        }
        return Viewer(
            person_id=handle, national_id=who.national_id, grants=grants, language=language
        )

    async def raw(
        self, document: str, variables: Mapping[str, Any] | None, viewer: Viewer
    ) -> tuple[Any, list[str]]:
        answer = await self.schema.execute(document, dict(variables or {}), Context(viewer))
        faults = [e.original_error for e in answer.errors or [] if e.original_error is not None]
        for fault in faults:
            if not isinstance(fault, (RequestError, GraphQLError)):
                raise fault
        codes = [getattr(e.original_error, "code", "INVALID") for e in answer.errors or []]
        return answer.data, codes

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
    return compose(registry.load({"bawaba": _Core(), "payments-ewa": plugin}))


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Any) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/test.sqlite3"
        return
    with postgres_database() as url:
        yield url


@pytest.fixture
async def portal(database_url: str, schema: Any) -> AsyncIterator[Portal]:
    """The plugin on a fresh database."""
    await migrate(database_url, APPS)
    database = Database(database_url, APPS, pool_size=5)
    await database.open()
    here = Portal(schema)
    ports: Any = SimpleNamespace(new=TimeOrderedIds().new)
    runtime = Runtime(
        clock=here,
        ids=ports,
        timezone="Asia/Bahrain",
        public_url="http://localhost",
        data_dir="",
        demo=True,
        ledger=ports,
        live=here,  # type: ignore[arg-type]
        jobs=here,
        audit=here,
        payments=ports,
        catalogue=here,  # type: ignore[arg-type]
        registry=ports,
        health=ports,
        correspondence=here,
        announced=here.announced,
    )
    runtime.plugin_settings = here.plugin_settings  # type: ignore[method-assign]
    try:
        with database.bound():
            await generate_schema_for_client(database.client, safe=True)
        with ExitStack() as stack:
            stack.enter_context(database.bound())
            stack.enter_context(bound(runtime))
            yield here
    finally:
        await database.close()
