"""The plugin alone with the core's door: its own tables, its schema, and ports that remember."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from bawaba import db, idempotency
from bawaba.errors import Refusal, RequestError
from bawaba.files import File, FileStatus
from bawaba.graphql import Context, NotFound
from bawaba.host import registry
from bawaba.host.clock import TimeOrderedIds
from bawaba.host.ports import Runtime
from bawaba.host.schema.compose import compose
from bawaba.host.storage.database import Database, ModelApp
from bawaba.host.storage.migrate import migrate
from bawaba.payments import Channel, SettledItem
from bawaba.plugin import Manifest, hookimpl
from bawaba.runtime import bound
from bawaba.testing.databases import postgres_database
from bawaba.testing.fakes import FakeCorrespondence
from bawaba.text import Language, Text
from bawaba.viewer import ANONYMOUS, EVERYWHERE, Viewer
from bawaba_payments_traffic import plugin
from bawaba_payments_traffic.domain import FineRecord, FineStatus
from bawaba_payments_traffic.gateway import TrafficSettings, simulator
from bawaba_payments_traffic.services import demo, payable
from graphql import GraphQLError
from tortoise.utils import generate_schema_for_client

START = dt.datetime(2026, 5, 10, 9, tzinfo=dt.UTC)
APPS = (
    ModelApp("core", "bawaba.host.idempotency.models"),
    ModelApp("traffic", "bawaba_payments_traffic.models", "bawaba_payments_traffic.migrations"),
)


LOOK_UP = """
query ($by: TrafficFineLookupInput!, $first: Int! = 20, $after: String) {
  trafficFines(by: $by, first: $first, after: $after) {
    totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    nodes {
      id reference status violation { code description } plate { number category } location
      occurredAt amount { amount currency } amountDue { amount } discountEndsAt dueOn
      service { code agency { code name } } description priceExplanation notPayableReason
    }
  }
}
"""


class _Core:
    """Stands for core where only the plugin's own schema is wanted."""

    __name__ = "core_alone"

    @hookimpl
    def declare_manifest(self) -> Manifest:
        return Manifest("bawaba", "core", Text("Core", "النواة"), "0")

    @hookimpl
    def declare_errors(self) -> tuple[type[Refusal], ...]:
        return (idempotency.IdempotencyKeyReused, idempotency.IdempotencyInProgress)


@dataclass
class Portal:
    """Everything a test of this plugin needs: time, people, ports that remember, operations."""

    schema: Any
    at: dt.datetime = START
    payable: payable.TrafficPayable = plugin.declare_payables()[0]
    jobs: list[tuple[str, dict[str, Any], str | None]] = field(default_factory=list)
    events: list[tuple[str, str]] = field(default_factory=list)
    trail: list[tuple[str, str]] = field(default_factory=list)
    files: dict[str, list[File]] = field(default_factory=dict)
    refunds: list[str] = field(default_factory=list)
    correspondence: FakeCorrespondence = field(
        default_factory=lambda: FakeCorrespondence(plugin.declare_correspondents())
    )
    settings: TrafficSettings = field(
        default_factory=lambda: TrafficSettings(directorate_timeout=1.0)
    )

    def now(self) -> dt.datetime:
        return self.at

    def plugin_settings(self, kind: type) -> Any:
        assert kind is TrafficSettings
        return self.settings

    async def enqueue(
        self, name: str, payload: Mapping[str, Any], *, key: str | None, delay: dt.timedelta
    ) -> None:
        db.require_transaction()
        if (name, key) not in [(n, k) for n, _, k in self.jobs]:
            self.jobs.append((name, dict(payload), key))

    async def emit(self, topic: str, kind: str, data: Mapping[str, Any]) -> int:
        db.require_transaction()
        self.events.append((topic, kind))
        return len(self.events)

    async def record(
        self, viewer: Viewer | None, action: str, resource: str, detail: Mapping[str, Any]
    ) -> None:
        db.require_transaction()
        self.trail.append((action, resource))

    async def refund_bill(self, service: str, bill_id: str, reason: Text) -> str | None:
        db.require_transaction()
        self.refunds.append(bill_id)
        return f"refund-{len(self.refunds)}"

    async def attach(
        self, viewer: Viewer, purpose: str, ids: Sequence[str], subject: str, path: Sequence[str]
    ) -> Sequence[File]:
        db.require_transaction()
        if "unknown" in ids:
            raise NotFound(*path, str(list(ids).index("unknown")))
        made = [self.file(id_, purpose, subject, viewer.person()) for id_ in ids]
        self.files[subject] = made
        return made

    def file(self, id_: str, purpose: str, subject: str, owner: str) -> File:
        kept = FileStatus.ATTACHED
        return File(
            id_, purpose, subject, "photo.png", "image/png", 9, "0" * 64, owner, kept, self.at
        )

    async def of_subjects(
        self, purpose: str, subjects: Collection[str]
    ) -> Mapping[str, Sequence[File]]:
        return {each: self.files[each] for each in subjects if each in self.files}

    async def services(self) -> Mapping[str, Any]:
        return {entry.code: entry for entry in plugin.declare_services()}

    async def agencies(self) -> Mapping[str, Any]:
        return {entry.code: entry for entry in plugin.declare_agencies()}

    def person(self, handle: str, language: Language = Language.EN) -> Viewer:
        who = next(p for p in demo.PEOPLE if p.handle == handle)
        held = {grant.role for grant in who.grants}
        roles = [r for r in plugin.declare_roles() if r.everyone or r.name in held]
        grants = {p: frozenset({EVERYWHERE}) for role in roles for p in role.permissions}
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
        self, document: str, variables: Mapping[str, Any] | None = None, person: str | None = None
    ) -> Any:
        viewer = self.person(person) if person else ANONYMOUS
        data, codes = await self.raw(document, variables, viewer)
        assert not codes, codes
        return data

    async def page(self, by: Mapping[str, Any], person: str | None = None, **page: Any) -> Any:
        """The connection of a look-up."""
        return (await self.execute(LOOK_UP, {"by": by, **page}, person))["trafficFines"]

    async def look_up(self, reference: str, person: str | None = None) -> Any:
        """The one fine with this reference."""
        return (await self.page({"reference": reference}, person))["nodes"][0]

    def item(self, fine_id: str, number: int = 1, fils: int = 25_000) -> SettledItem:
        return SettledItem(
            payment_id=f"p{number}",
            payment_reference=f"P-{number}",
            item_id=f"i{number}",
            bill_id=fine_id,
            bill_reference="TF",
            fils=fils,
            paid_at=self.at,
            receipt_number=f"R-{number}",
            channel=Channel.PORTAL,
        )

    def fine(self, reference: str, **changed: Any) -> FineRecord:
        """A fine of `citizen`, offered three days before the tests' present."""
        facts: dict[str, Any] = {
            "reference": reference,
            "violation": "SPEEDING",
            "plate_number": "482913",
            "plate_category": "PRIVATE",
            "location": Text("King Faisal Highway", "شارع الملك فيصل"),
            "occurred_at": START - dt.timedelta(days=4),
            "offered_at": START - dt.timedelta(days=3),
            "debtor_national_id": demo.CITIZEN.national_id,
            "owner_national_id": demo.CITIZEN.national_id,
            "status": FineStatus.UNPAID,
        }
        return FineRecord(**(facts | changed))

    async def settle(self, *items: SettledItem) -> None:
        async with db.transaction():
            await self.payable.mark_paid(items)


@pytest.fixture(scope="session")
def schema() -> Any:
    return compose(registry.load({"bawaba": _Core(), "payments-traffic": plugin}))


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Any) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/test.sqlite3"
        return
    with postgres_database() as url:
        yield url


@pytest.fixture
async def portal(database_url: str, schema: Any) -> AsyncIterator[Portal]:
    """The plugin on a fresh database, with two fines of `citizen` in the register."""
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
        files=here,
        audit=here,
        payments=here,  # type: ignore[arg-type]
        catalogue=here,  # type: ignore[arg-type]
        registry=ports,
        health=ports,
        correspondence=here.correspondence,
    )
    runtime.plugin_settings = here.plugin_settings  # type: ignore[method-assign]
    try:
        with database.bound():
            await generate_schema_for_client(database.client, safe=True)
        with ExitStack() as stack:
            stack.enter_context(database.bound())
            stack.enter_context(bound(runtime))
            await simulator.issue([here.fine("TF-1"), here.fine("TF-2", violation="DRUNK_DRIVING")])
            yield here
    finally:
        await database.close()
