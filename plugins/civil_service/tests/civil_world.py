"""The civil service as its front ends and its bureau see it, on one host."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bawaba import db, runtime
from bawaba.calendar import Calendar
from bawaba.correspondence import Letter
from bawaba.errors import AgencyUnavailable
from bawaba.graphql import split_id
from bawaba.host.files.models import FileRow
from bawaba.host.host import Host
from bawaba.host.jobs.models import JobRow
from bawaba.payments import Channel, ReversedItem, SettledItem
from bawaba.testing.clock import FrozenClock
from bawaba.testing.plugin import Ask
from bawaba_civil_service.clock import working_days
from bawaba_civil_service.domain import Facts
from bawaba_civil_service.gateway import simulator
from bawaba_civil_service.services.letters import CORRESPONDENTS

REQUEST = """id reference status kind language purpose expiresAt
  bill { id reference status amount { amount } amountDue { amount } dueOn description }
  certificate { verificationCode issuedOn pdfUrl pdfId verificationUrl }"""
LEAVE = "id kind status firstOn lastOn days decision history { step days }"
RECORD = """{ me { civilServiceRecord { id employeeNumber name grade position entity { code name }
  leaveBalances { kind daysRemaining }
  leaves(first: 50) { nodes { id kind status firstOn lastOn days history { step days } } }
  payslips(first: 50) { totalCount nodes { id month net { amount } verificationCode pdfUrl
    lines { kind amount { amount } correctsMonth } } }
  certificateRequests(first: 50) { totalCount nodes { ...Request } } } } }
fragment Request on CivilServiceCertificateRequest { REQUEST }""".replace("REQUEST", REQUEST)
VERIFY = """query ($code: String!) { civilServiceVerifyCertificate(code: $code) {
  isValid kind issuedOn issuedTo statements { label value } pdfSha256 } }"""
UNKNOWN = {
    "isValid": False, "kind": None, "issuedOn": None, "issuedTo": None,
    "statements": [], "pdfSha256": [],
}  # fmt: skip
DAY = dt.timedelta(days=1)
_keys = itertools.count()


def today(bureau: Bureau) -> dt.date:
    """Return the day by the test's clock."""
    with bureau.host.unit():
        return runtime.today()


def week(bureau: Bureau, weeks: int) -> dt.date:
    """Return a Sunday, so many weeks ahead at least, that begins a week of five working days."""
    day = today(bureau) + weeks * 7 * DAY
    while day.weekday() != 6 or working_days(Calendar(), day, day + 4 * DAY) != 5:
        day += DAY
    return day


def raw(identifier: str) -> str:
    """Return the raw id behind a global one."""
    parts = split_id(identifier)
    assert parts is not None
    return parts[1]


class Post:
    """A correspondence port that remembers, and can be put out of order."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, str, Mapping[str, Any]]] = []
        self.down = False

    async def send(
        self, agency: str, kind: str, body: Mapping[str, Any], key: str
    ) -> Mapping[str, Any]:
        """Note a letter."""
        if self.down:
            raise AgencyUnavailable("no answer")
        self.sent.append((agency, kind, key, dict(body)))
        return {}

    async def send_as_agency(
        self, agency: str, kind: str, body: Mapping[str, Any], key: str
    ) -> Mapping[str, Any]:
        """Hand a letter to the plugin."""
        letter = Letter(agency, kind, body, key, "-", sent_at=None)  # type: ignore[arg-type]
        return await CORRESPONDENTS[0].takes[kind](letter)


@dataclass
class Bureau:
    """People who ask, a bureau that writes, and a clock that the test moves."""

    host: Host
    ask: Ask
    clock: FrozenClock

    def __post_init__(self) -> None:
        self.post = Post()
        self.host.runtime.correspondence = self.post

    async def look(self, who: str | None, query: str, **variables: Any) -> Any:
        """Run an operation; return its data, or the codes of its errors."""
        answer = await self.ask(who, query, variables)
        if answer.get("errors"):
            return [error["extensions"]["code"] for error in answer["errors"]]
        return answer["data"]

    async def record(self, who: str) -> Any:
        """Return one's own record."""
        return (await self.look(who, RECORD))["me"]["civilServiceRecord"]

    async def act(self, who: str | None, verb: str, input_type: str, **fields: Any) -> Any:
        """Run a mutation; return what became of it, or the codes of its errors."""
        name = f"request {{ {REQUEST} }}"
        if "Leave" in input_type:
            name = f"leave {{ {LEAVE} }}"
        if "Holiday" in input_type:
            name = "holiday { on isOff }"
        query = (
            f"mutation ($input: CivilService{input_type}Input!) {{ civilService{verb}"
            f"(input: $input) {{ {name} errors {{ code path }} }} }}"
        )
        data = await self.look(who, query, input=fields)
        if isinstance(data, list):
            return data
        payload = data[f"civilService{verb}"]
        errors = [error["code"] for error in payload["errors"]]
        return errors or next(value for key, value in payload.items() if key != "errors")

    async def request(self, who: str = "civil-servant", **fields: Any) -> Any:
        """Ask for a certificate."""
        asked = {
            "kind": "SALARY", "language": "EN", "purpose": "For the bank",
            "idempotencyKey": f"key-{next(_keys)}",
        }  # fmt: skip
        return await self.act(who, "RequestCertificate", "RequestCertificate", **(asked | fields))

    async def leave(self, who: str, first: Any, last: Any, **fields: Any) -> Any:
        """Ask for leave."""
        asked = {
            "kind": "ANNUAL", "firstOn": first.isoformat(), "lastOn": last.isoformat(),
            "reason": "Travel", "idempotencyKey": f"key-{next(_keys)}",
        }  # fmt: skip
        return await self.act(who, "RequestLeave", "RequestLeave", **(asked | fields))

    async def decide(self, who: str, leave: str, *, approve: bool = True) -> Any:
        """Decide about a leave."""
        fields = {"leaveId": leave, "approve": approve, "reason": "As agreed"}
        return await self.act(who, "DecideLeave", "DecideLeave", **fields)

    async def node(self, who: str | None, identifier: str, selection: str) -> Any:
        """Return an object as somebody sees it."""
        query = f"query ($id: ID!) {{ node(id: $id) {{ __typename {selection} }} }}"
        return (await self.look(who, query, id=identifier))["node"]

    async def verify(self, code: str, who: str | None = None) -> Any:
        """Verify a code as anybody may."""
        return (await self.look(who, VERIFY, code=code))["civilServiceVerifyCertificate"]

    @property
    def payable(self) -> Any:
        """The plugin's payable."""
        declared = self.host.runtime.registry.all("declare_payables")
        return next(each for each in declared if each.service == "civil-service")

    def item(self, request: Any, number: int = 1) -> SettledItem:
        """Return a settled payment of a request's fee."""
        return SettledItem(
            payment_id=f"p{number}",
            payment_reference=f"P-{number}",
            item_id=f"i{number}-{raw(request['id'])[:20]}",
            bill_id=raw(request["id"]),
            bill_reference=request["reference"],
            fils=1000,
            paid_at=self.clock.now(),
            receipt_number=f"R-{number}",
            channel=Channel.PORTAL,
        )

    async def settle(self, *items: SettledItem) -> None:
        """Settle items, as core does: in a transaction."""
        with self.host.unit():
            async with db.transaction():
                await self.payable.mark_paid(items)

    async def reverse(self, item: SettledItem, *, fils: int = 1000, in_full: bool = True) -> Any:
        """Give money back, as core does; return the reversal."""
        reversal = ReversedItem(
            item.payment_id, item.item_id, f"r-{fils}", item.bill_id, fils, in_full,
            self.clock.now(),
        )  # fmt: skip
        with self.host.unit():
            async with db.transaction():
                await self.payable.mark_reversed([reversal])
        return reversal

    async def run(self, job: str, **payload: Any) -> None:
        """Run a job of the plugin now."""
        jobs = {each.name: each for each in self.host.runtime.registry.all("declare_jobs")}
        with self.host.unit():
            await jobs[f"civilService.{job}"].run(payload)

    async def enqueued(self, job: str) -> list[Any]:
        """Return the payloads of the enqueued jobs of a name."""
        with self.host.unit():
            rows = await JobRow.filter(name=f"civilService.{job}").order_by("id")
        return [row.payload for row in rows]

    async def letter(self, kind: str, body: Any, key: str | None = None) -> Any:
        """Have the bureau write a letter; return the reply."""
        with self.host.unit():
            key = key or f"letter-{next(_keys)}"
            return await self.post.send_as_agency("csb", f"civilService.{kind}", body, key)

    async def facts(self, number: str) -> Facts:
        """Return what the simulated register has of an employee."""
        with self.host.unit():
            return {f.record.employee_number: f for f in await simulator.everybody()}[number]

    async def changed(self, number: str, **changes: Any) -> Facts:
        """Change an employee in the simulated register; return what it has then."""
        old = await self.facts(number)
        facts = replace(old, record=replace(old.record, **changes))
        with self.host.unit():
            await simulator.enter([facts])
        return facts

    async def issued(self, **fields: Any) -> tuple[Any, SettledItem]:
        """Have a certificate requested, paid and issued; return the request and its payment."""
        asked = await self.request(**fields)
        item = self.item(asked)
        await self.settle(item)
        await self.run("issue", request=raw(asked["id"]))
        who = fields.get("who", "civil-servant")
        selection = f"... on CivilServiceCertificateRequest {{ {REQUEST} }}"
        return await self.node(who, asked["id"], selection), item

    async def content(self, pdf_url: str) -> bytes:
        """Return the bytes behind an address of a file."""
        with self.host.unit():
            row = await FileRow.get(id=pdf_url.rpartition("/")[2])
            store: Any = self.host.runtime.files
            parts = [part async for part in store.store.read(row.object_key, 0, row.size)]
        return b"".join(parts)
