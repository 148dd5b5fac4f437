"""How soon a vote is on every watcher's screen: PostgreSQL, Redis, two workers.

Run with ``make bench``, or ``python bench/emeeting.py --write`` to put the table into
docs/performance.md. A member votes; the time runs from sending the vote until the last of the
watchers has its new count. What one watcher waits stands beside it; a second is the limit.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
import uuid
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import page
from bawaba.testing.client import FrontEnd
from bawaba.testing.databases import postgres_database, redis_url
from bawaba.testing.process import Portal, serving
from live_sockets import Crowd, raise_descriptor_limit
from rich.console import Console
from rich.progress import track

SIZES = (1, 500, 2_000)
ROUNDS = 3
LIMIT = 1.0
MEMBERS = ("chair", *(f"member-{number}" for number in range(2, 9)))
WATCH = """subscription ($id: ID!) { meetingMotionUpdated(id: $id) { cursor kind motion {
  id status outcome explanation openedAt closedAt tally { yes no abstain notVoted entitled }
  votes { member { id displayName } choice weight castBy { id displayName } } } } }"""
MEETING = """{ meetingCouncil(code: "muharraq-municipal") {
  meetings(first: 1) { nodes { id agenda { id } } } } }"""


async def act(person: FrontEnd, verb: str, **fields: Any) -> Any:
    """Run a mutation, which must not refuse."""
    keyed = verb in {"OpenVoting", "CastVote", "AnnulVoting"}
    asked = {**fields, "idempotencyKey": uuid.uuid4().hex} if keyed else fields
    chosen = "motion { id }" if keyed or verb == "ProposeMotion" else "meeting { id }"
    document = (
        f"mutation ($input: Meeting{verb}Input!) {{ meeting{verb}(input: $input) "
        f"{{ {chosen} errors {{ code message }} }} }}"
    )
    data = (await person.execute(document, {"input": asked}))[f"meeting{verb}"]
    assert data["errors"] == [], (verb, data)
    return data


async def measure(portal: Portal) -> dict[int, list[float]]:
    """Return the seconds until the last watcher had each vote, by number of watchers."""
    await portal.ready()
    found: dict[int, list[float]] = {}
    async with aiohttp.ClientSession() as session:
        people = {
            handle: FrontEnd(session, portal.url, portal.token(handle))
            for handle in (*MEMBERS, "operator")
        }
        operator = people["operator"]
        council = (await operator.execute(MEETING))["meetingCouncil"]
        meeting = council["meetings"]["nodes"][0]
        for handle in MEMBERS:
            await act(people[handle], "CheckIn", meetingId=meeting["id"])
        await act(operator, "Convene", meetingId=meeting["id"])
        for size in track(SIZES, console=Console(stderr=True)):
            asked = {"agendaItemId": meeting["agenda"][1]["id"], "text": "x", "ballot": "OPEN"}
            made = await act(operator, "ProposeMotion", majority="SIMPLE", base="CAST", **asked)
            found[size] = await _votes(portal, people, str(made["motion"]["id"]), size)
    return found


async def _votes(
    portal: Portal, people: dict[str, FrontEnd], motion: str, size: int
) -> list[float]:
    wish = {"query": WATCH, "variables": {"id": motion}}
    crowd = Crowd(urlsplit(portal.url).port or 0, wish, b"SNAPSHOT")
    await crowd.open(size)
    waited = []
    for _ in range(ROUNDS):
        crowd.await_(b'"VOTING_OPENED"', size)
        await act(people["operator"], "OpenVoting", motionId=motion)
        await crowd.complete()
        for place, handle in enumerate(MEMBERS, 1):
            crowd.await_(f'"notVoted":{len(MEMBERS) - place},'.encode(), size)
            begun = time.perf_counter()
            vote = asyncio.create_task(
                act(people[handle], "CastVote", motionId=motion, choice="YES")
            )
            await crowd.complete()
            waited.append(time.perf_counter() - begun)
            await vote
            await asyncio.sleep(0.1)
        crowd.await_(b'"VOTING_ANNULLED"', size)
        await act(people["operator"], "AnnulVoting", motionId=motion, reason="the next round")
        await crowd.complete()
    crowd.close()
    return waited


def shown(found: dict[int, list[float]]) -> str:
    """Return the table."""
    alone = statistics.median(found[SIZES[0]])
    rows = [["watchers", "median, ms", "worst, ms", "to one watcher", "worst to the limit"]]
    for size, waited in found.items():
        median, worst = statistics.median(waited), max(waited)
        rows.append(
            [
                f"{size:,}",
                f"{median * 1000:.0f}",
                f"{worst * 1000:.0f}",
                f"{median / alone:.1f}",
                f"{worst / LIMIT:.2f}",
            ]
        )
    return page.table(rows)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the table into docs")
    write = parser.parse_args().write
    raise_descriptor_limit()
    with postgres_database(durable=True) as database:
        settings = {
            "BAWABA_DATABASE_URL": database,
            "BAWABA_REDIS_URL": redis_url(),
            "BAWABA_REDIS_PREFIX": f"bench-{uuid.uuid4().hex[:8]}",
            "BAWABA_CLIENT_CONNECTIONS": "10000",
            "BAWABA_RATE_PER_SECOND": "10000",
            "BAWABA_RATE_BURST": "10000",
        }
        with serving(settings, workers=2) as portal:
            found = asyncio.run(measure(portal))
    votes = ROUNDS * len(MEMBERS)
    told = f"{votes} votes each, {page.circumstances(('aiohttp', 'asyncpg', 'redis', 'uvloop'))}"
    text = f"{shown(found)}\n\n{told}"
    print(text)
    if write:
        page.write("emeeting", text)


if __name__ == "__main__":
    main()
