"""A council's chamber over real sockets: who acts, who watches."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import secrets
import uuid
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

from bawaba.testing.client import FrontEnd, Subscription
from bawaba.testing.inside import Inside
from flow_steps import operation

COUNCIL = "muharraq-municipal"
MEMBERS = ("chair", *(f"member-{number}" for number in range(2, 9)))
KEYED = {"OpenVoting", "CastVote", "CloseVoting", "CastingVote", "AnnulVoting"}


async def act(person: FrontEnd, name: str, **fields: Any) -> Any:
    """Run a mutation of the contract; return its payload, which must not refuse."""
    if name in KEYED:
        fields = {"idempotencyKey": uuid.uuid4().hex, **fields}
    data = await person.execute(operation("emeeting", name), {"input": fields})
    (payload,) = data.values()
    assert payload["errors"] == [], (name, payload)
    return payload


async def refused(person: FrontEnd, name: str, **fields: Any) -> str:
    """Run a mutation that must refuse; return the code."""
    if name in KEYED:
        fields = {"idempotencyKey": uuid.uuid4().hex, **fields}
    answer = await person.raw(operation("emeeting", name), {"input": fields})
    if answer.get("errors"):
        return str(answer["errors"][0]["extensions"]["code"])
    (payload,) = answer["data"].values()
    return str(payload["errors"][0]["code"])


async def the_meeting(person: FrontEnd) -> tuple[str, dict[str, str]]:
    """Return the demo's meeting and the members' ids by handle."""
    data = await person.execute(operation("emeeting", "Council"), {"code": COUNCIL, "first": 1})
    council = data["meetingCouncil"]
    handles = (*MEMBERS, "operator")
    ids = [member["id"] for member in council["members"]["nodes"]]
    return council["meetings"]["nodes"][0]["id"], dict(zip(handles, ids, strict=True))


async def screen(person: FrontEnd, meeting: str) -> Any:
    """Return the meeting as somebody sees it."""
    return (await person.execute(operation("emeeting", "MeetingScreen"), {"id": meeting}))["node"]


def nonce() -> str:
    """Return what a tablet makes and keeps for a secret ballot."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("=")


@dataclass
class Watcher:
    """What somebody sees live, from the first moment on."""

    stream: Subscription
    kinds: list[str] = field(default_factory=list)
    last: Any = None

    async def until(self, kind: str) -> Any:
        """Read on until a value of this kind; return what it shows."""
        while True:
            (value,) = (await self.stream.next(20)).values()
            self.kinds.append(value["kind"])
            shown = next(v for k, v in value.items() if k not in {"kind", "cursor"})
            self.last = shown or self.last
            if value["kind"] == kind:
                return shown


@dataclass
class Day:
    """A meeting, those who hold it, and those who watch it."""

    portal: Inside
    stack: AsyncExitStack
    meeting: str = ""
    members: dict[str, str] = field(default_factory=dict)
    people: dict[str, FrontEnd] = field(default_factory=dict)
    watchers: dict[str, Watcher] = field(default_factory=dict)
    receipts: dict[str, str] = field(default_factory=dict)

    def who(self, handle: str) -> FrontEnd:
        """Return a person at a front end of their own."""
        return self.people.setdefault(handle, self.portal.person(handle))

    async def act(self, handle: str, name: str, **fields: Any) -> Any:
        """Have somebody do something."""
        return await act(self.who(handle), name, **fields)

    async def here(self, handle: str, name: str, **fields: Any) -> Any:
        """Have somebody do something with the meeting; return it."""
        return (await self.act(handle, name, meetingId=self.meeting, **fields))["meeting"]

    async def arrive(self, *handles: str) -> None:
        """Have members check in."""
        for handle in handles:
            await self.here(handle, "CheckIn")

    async def watch(self, name: str, handle: str | None, verb: str, **variables: Any) -> None:
        """Have somebody watch on a socket of their own until the end."""
        person = self.who(handle) if handle else FrontEnd(self.portal.session, self.portal.url)
        socket = await self.stack.enter_async_context(person.live())
        stream = socket.subscribe(operation("emeeting", verb), variables)
        watcher = Watcher(await self.stack.enter_async_context(stream))
        await watcher.until("SNAPSHOT")
        self.watchers[name] = watcher

    async def sees(self, name: str, kind: str) -> Any:
        """Wait until a watcher is shown this kind of event."""
        return await self.watchers[name].until(kind)

    async def propose(self, **fields: Any) -> str:
        """Have the chair propose a motion on the second item; return its id."""
        agenda = (await screen(self.who("chair"), self.meeting))["agenda"]
        asked = {
            "agendaItemId": agenda[1]["id"],
            "text": "اعتماد الميزانية",
            "ballot": "OPEN",
            "majority": "SIMPLE",
            "base": "CAST",
            **fields,
        }
        return str((await self.act("chair", "ProposeMotion", **asked))["motion"]["id"])

    async def secretly(self, who: FrontEnd, motion: str, choice: str) -> None:
        """Have somebody cast a secret ballot; keep the receipt, which must be right."""
        number = nonce()
        payload = await act(who, "CastVote", motionId=motion, choice=choice, ballotNonce=number)
        receipt = payload["receipt"]
        assert receipt == hashlib.sha256(f"{motion}|{choice}|{number}".encode()).hexdigest()
        self.receipts[receipt] = choice


async def eventually(look: Callable[[], Awaitable[Any]], wanted: Callable[[Any], bool]) -> Any:
    """Look again and again until it is as wanted: background work takes its time."""
    for _ in range(300):
        if wanted(found := await look()):
            return found
        await asyncio.sleep(0.1)
    raise AssertionError(f"never as wanted: {found}")
