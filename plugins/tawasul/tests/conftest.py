"""What the tests of Tawasul share: verbs as a front end would call them."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from bawaba.host.host import Host
from bawaba.host.identity import grant_role
from bawaba.testing.clock import FrozenClock
from bawaba.testing.plugin import Ask

HERE = str(Path(__file__).parent)
if HERE not in sys.path:
    sys.path.insert(0, HERE)
CASE = """
fragment Case on TawasulCase {
  id reference kind status subject agency { code name } category { code name } submittedAt dueAt
  clock { state asOf elapsedWorkingMinutes targetWorkingMinutes pausedSince } escalationLevel
}
"""
_keys = itertools.count()


@dataclass
class Desk:
    """Everybody at Tawasul, on one host whose clock a test moves."""

    host: Host
    ask: Ask
    clock: FrozenClock

    async def act(self, who: str, verb: str, **fields: Any) -> tuple[Any, list[str]]:
        """Run the mutation ``tawasul<verb>``; return its case and the codes of its errors."""
        query = (
            f"mutation ($input: Tawasul{verb}Input!) {{ tawasul{verb}(input: $input) "
            "{ case { ...Case } errors { code } } }" + CASE
        )
        answer = await self.ask(who, query, {"input": fields})
        if answer.get("errors"):
            return None, [error["extensions"]["code"] for error in answer["errors"]]
        payload = answer["data"][f"tawasul{verb}"]
        return payload["case"], [error["code"] for error in payload["errors"]]

    async def do(self, who: str, verb: str, **fields: Any) -> Any:
        """As :meth:`act`, which must not refuse; return the case."""
        case, errors = await self.act(who, verb, **fields)
        assert errors == [], (who, verb, errors)
        return case

    async def refuses(self, who: str, verb: str, **fields: Any) -> str:
        """As :meth:`act`, which must refuse; return the one code."""
        _, errors = await self.act(who, verb, **fields)
        assert len(errors) == 1, (who, verb, errors)
        return errors[0]

    async def submit(self, who: str = "citizen", **changed: Any) -> str:
        """Submit a complaint about a road; return its reference."""
        fields = {
            "kind": "COMPLAINT",
            "agency": "works",
            "category": "roads",
            "subject": "A pothole",
            "body": "It is deep.",
            "channel": "PORTAL",
            "idempotencyKey": f"key-{next(_keys)}",
        }
        return str((await self.do(who, "SubmitCase", **(fields | changed)))["reference"])

    async def look(self, who: str | None, query: str, **variables: Any) -> Any:
        """Run a query; return its data, or the codes of its errors."""
        answer = await self.ask(who, query, variables)
        if answer.get("errors"):
            return [error["extensions"]["code"] for error in answer["errors"]]
        return answer["data"]

    async def case(self, who: str, reference: str, fields: str = "") -> Any:
        """Return the case as somebody sees it."""
        query = f"query ($r: String!) {{ tawasulCase(reference: $r) {{ ...Case {fields} }} }}{CASE}"
        return (await self.look(who, query, r=reference))["tawasulCase"]

    async def me(self, who: str) -> str:
        """Return a person's global id."""
        return str((await self.look(who, "{ me { id } }"))["me"]["id"])

    async def assigned(self, reference: str, who: str = "case-handler") -> str:
        """Have the handler take the case; return the reference."""
        await self.do(who, "AssignCase", reference=reference, assigneeId=await self.me(who))
        return reference

    async def resolved(self, reference: str, who: str = "case-handler") -> str:
        """Have the case assigned and resolved; return the reference."""
        await self.assigned(reference, who)
        await self.do(who, "ResolveCase", reference=reference, reason="DONE", body="Done.")
        return reference

    async def grant(self, who: str, role: str, scope: str) -> None:
        """Give somebody a role; they must have signed in before."""
        with self.host.unit():
            await grant_role(who, role, scope)

    async def run(
        self, work: Callable[[Mapping[str, Any]], Awaitable[None]], **payload: Any
    ) -> None:
        """Run a job now."""
        with self.host.unit():
            await work(payload)


@pytest.fixture
def desk(host: Host, ask: Ask, clock: FrozenClock) -> Desk:
    """Return everybody at Tawasul; nothing runs in the background."""
    return Desk(host, ask, clock)
