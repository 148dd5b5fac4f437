"""The plugin alone with the core's door: its own tables, its schema, and ports that remember."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from bawaba import db
from bawaba.files import File, FileStatus
from bawaba.graphql import NotFound
from bawaba.host.storage.database import ModelApp
from bawaba.payments import Channel, SettledItem
from bawaba.testing.alone import Alone, opened, schema_of
from bawaba.testing.fakes import FakeCorrespondence
from bawaba.text import Text
from bawaba.viewer import ANONYMOUS, Viewer
from bawaba_payments_traffic import plugin
from bawaba_payments_traffic.domain import FineRecord, FineStatus
from bawaba_payments_traffic.gateway import TrafficSettings, simulator
from bawaba_payments_traffic.services import demo, payable

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


@dataclass(kw_only=True)
class Portal(Alone):
    """Everything a test of this plugin needs: time, people, ports that remember, operations."""

    plugin: Any = plugin
    people: Any = demo.PEOPLE
    at: dt.datetime = START
    settings: Any = field(default_factory=lambda: TrafficSettings(directorate_timeout=1.0))
    payable: payable.TrafficPayable = plugin.declare_payables()[0]
    files: dict[str, list[File]] = field(default_factory=dict)
    correspondence: FakeCorrespondence = field(
        default_factory=lambda: FakeCorrespondence(plugin.declare_correspondents())
    )

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
    return schema_of("payments-traffic", plugin)


@pytest.fixture
async def portal(database_url: str, schema: Any) -> AsyncIterator[Portal]:
    """The plugin on a fresh database, with two fines of `citizen` in the register."""
    here = Portal(schema=schema)
    async with opened(here, database_url, APPS, correspondence=here.correspondence):
        await simulator.issue([here.fine("TF-1"), here.fine("TF-2", violation="DRUNK_DRIVING")])
        yield here
