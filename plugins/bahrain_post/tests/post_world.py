"""What the tests of the post share: letters as the post writes them, bills as core settles them."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from bawaba import db
from bawaba.correspondence import Correspondent, Letter
from bawaba.errors import AgencyUnavailable
from bawaba.host.host import Host
from bawaba.payments import Channel, ReversedItem, SettledItem
from bawaba.testing.clock import FrozenClock
from bawaba.testing.plugin import Ask
from bawaba.text import Text
from bawaba_bahrain_post import plugin
from bawaba_bahrain_post.domain import PostScanKind, Scan
from bawaba_bahrain_post.models import PostBill, PostBox, PostScan, PostShipment
from bawaba_bahrain_post.rules import s10
from bawaba_bahrain_post.rules.letters import write_scan

K = PostScanKind
AIRPORT = Text("Air mail centre", "مركز البريد الجوي")
CITIZEN = "880514237"
_numbers = itertools.count(10_000_000)


def number(country: str = "BH") -> str:
    """Return a tracking number that no test used before."""
    return s10.made("RR", str(next(_numbers)), country)


def scan(tracking: str, kind: PostScanKind, at: dt.datetime, place: Text = AIRPORT) -> Scan:
    return Scan(tracking, kind, at, place)


@dataclass
class FakeMail:
    """A correspondence port that delivers in memory, remembers, and can be out."""

    clock: FrozenClock
    sent: list[Letter] = field(default_factory=list)
    out: bool = False

    @property
    def correspondent(self) -> Correspondent:
        (entry,) = plugin.declare_correspondents()
        return entry

    def _letter(self, agency: str, kind: str, body: Mapping[str, Any], key: str) -> Letter:
        assert not db.in_transaction(), "letters leave outside of transactions"
        return Letter(agency, kind, body, key, "-", self.clock.now())

    async def send(
        self, agency: str, kind: str, body: Mapping[str, Any], key: str
    ) -> Mapping[str, Any]:
        letter = self._letter(agency, kind, body, key)
        if self.out:
            raise AgencyUnavailable("the fake post is out")
        desk = self.correspondent
        assert desk.line is not None
        async with desk.line(letter):
            self.sent.append(letter)
            async with db.transaction():
                return await desk.simulated[kind](letter)

    async def send_as_agency(
        self, agency: str, kind: str, body: Mapping[str, Any], key: str
    ) -> Mapping[str, Any]:
        return await self.correspondent.takes[kind](self._letter(agency, kind, body, key))

    def kinds(self) -> list[str]:
        return [letter.kind for letter in self.sent]


@dataclass
class Post:
    """The post on one host whose clock a test moves; nothing runs in the background."""

    host: Host
    ask: Ask
    clock: FrozenClock
    mail: FakeMail
    _keys: Any = field(default_factory=itertools.count)

    @property
    def payable(self) -> Any:
        return plugin.declare_payables()[0]

    def today(self) -> dt.date:
        """Return the day where the services are."""
        return self.clock.now().astimezone(ZoneInfo("Asia/Bahrain")).date()

    async def letter(self, scans: Sequence[Scan], **more: Any) -> Mapping[str, Any]:
        """Have the platform take a letter of scans."""
        body = {"scans": [write_scan(each) for each in scans], **more}
        return await self.raw_letter("post.scans", body)

    async def raw_letter(self, kind: str, body: Mapping[str, Any], key: str = "") -> Any:
        with self.host.unit():
            return await self.mail.send_as_agency("post", kind, body, key or f"k{next(self._keys)}")

    async def held(
        self, *, value: int = 200_000, heading: str = "6204", who: str | None = CITIZEN
    ) -> str:
        """Have a shipment held for duty now; return its tracking number."""
        tracking = number()
        await self.letter(
            [scan(tracking, K.HELD_FOR_DUTY, self.clock.now())],
            consignments=[declared(tracking, value, heading, who)],
        )
        return tracking

    async def look(self, query: str, person: str | None = None, **variables: Any) -> Any:
        """Run a query; return its data, or the codes of its errors."""
        answer = await self.ask(person, query, variables)
        if answer.get("errors"):
            return [error["extensions"]["code"] for error in answer["errors"]]
        return answer["data"]

    async def shipment(self, tracking: str, person: str | None = "citizen") -> Any:
        """Return a shipment as the contract's query shows it, by default to its recipient."""
        query = """query ($n: String!) { postShipment(trackingNumber: $n) { id trackingNumber status
            events { at kind location description }
            dutyBill { id amountDue { amount currency } amount { amount } status
              lines { description amount { amount } } priceExplanation notPayableReason } } }"""
        found = await self.look(query, person, n=tracking)
        return found if isinstance(found, list) else found["postShipment"]

    async def row(self, tracking: str) -> PostShipment:
        with self.host.unit():
            return await PostShipment.get(tracking_number=tracking)

    async def bill(self, tracking: str) -> PostBill:
        with self.host.unit():
            return await PostBill.get(shipment__tracking_number=tracking)

    async def scans(self, tracking: str) -> int:
        with self.host.unit():
            return await PostScan.filter(shipment__tracking_number=tracking).count()

    async def box(self, box_number: str) -> PostBox:
        with self.host.unit():
            return await PostBox.filter(number=box_number).order_by("-id").first()  # type: ignore[return-value]

    async def open_bill(self, box_number: str) -> PostBill | None:
        with self.host.unit():
            return await PostBill.get_or_none(box__number=box_number, status="UNPAID")

    def item(self, bill: PostBill, n: int = 1, fils: int | None = None) -> SettledItem:
        return SettledItem(
            payment_id=f"p{n}",
            payment_reference=f"P-{n}",
            item_id=f"{bill.id[-20:]}-i{n}",
            bill_id=bill.id,
            bill_reference=bill.reference,
            fils=bill.fixed_fils if fils is None else fils,
            paid_at=self.clock.now(),
            receipt_number=f"R-{n}",
            channel=Channel.PORTAL,
        )

    async def settle(self, *items: SettledItem) -> None:
        with self.host.unit():
            async with db.transaction():
                await self.payable.mark_paid(items)

    async def undo(self, item: SettledItem, fils: int | None = None) -> ReversedItem:
        part = item.fils if fils is None else fils
        done = ReversedItem(
            item.payment_id, item.item_id, "r1", item.bill_id, part, part == item.fils,
            self.clock.now(),
        )  # fmt: skip
        with self.host.unit():
            async with db.transaction():
                await self.payable.mark_reversed([done])
        return done

    async def run(self, work: Callable[..., Awaitable[Any]], *given: Any) -> Any:
        """Run a service's verb with the host bound."""
        with self.host.unit():
            return await work(*given)

    async def jobs(self, name: str) -> list[dict[str, Any]]:
        """Return the payloads of the jobs that wait under a name."""
        with self.host.unit():
            rows = await db.fetch("SELECT payload FROM core_job WHERE name = $1 ORDER BY id", name)
        return [_json(row["payload"]) for row in rows]

    async def notices(self, prefix: str) -> list[str]:
        """Return the keys of the notices that begin so."""
        with self.host.unit():
            rows = await db.fetch(
                "SELECT key FROM core_notice WHERE key LIKE $1 ORDER BY key", f"{prefix}%"
            )
        return [row["key"] for row in rows]

    async def events(self, tracking: str) -> list[str]:
        """Return the kinds of the live events of a shipment."""
        row = await self.row(tracking)
        with self.host.unit():
            rows = await db.fetch(
                "SELECT kind FROM core_outbox WHERE topic = $1 ORDER BY sequence",
                f"post.shipment:{row.id}",
            )
        return [each["kind"] for each in rows]


def _json(value: Any) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(value) if isinstance(value, str | bytes) else value
    return found


def declared(
    tracking: str, value: int, heading: str = "6204", who: str | None = CITIZEN
) -> dict[str, Any]:
    """Return a shipment as the post describes it."""
    name = {"en": "Maryam Ali Hasan", "ar": "مريم علي حسن"}
    return {
        "trackingNumber": tracking,
        "recipient": {"nationalId": who, "name": name} if who else None,
        "declaration": {"heading": heading, "valueFils": value},
    }
