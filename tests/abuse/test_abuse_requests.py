"""Attacks of one request each: refused at once, in few words, and nobody else notices."""

from __future__ import annotations

import pytest
from abuse_attacks import AGENCIES, BODIES, DOCUMENTS, LIMITS, WIRE, Attack
from abuse_client import assert_bounded, assert_refused, post, request, send, unharmed
from bawaba.testing.process import Portal


@pytest.mark.parametrize(("name", "at", "beyond"), LIMITS, ids=[row[0] for row in LIMITS])
async def test_limit_holds_exactly(portal: Portal, name: str, at: str, beyond: str) -> None:
    async with unharmed(portal):
        passed = await send(portal, post(at))
        assert_bounded(passed)
        assert "LIMIT_EXCEEDED" not in passed.codes, passed.errors
        over = await send(portal, post(beyond))
        assert_refused(over, {"LIMIT_EXCEEDED"})


@pytest.mark.parametrize("attack", DOCUMENTS + BODIES, ids=lambda attack: attack.name)
async def test_refused(portal: Portal, attack: Attack) -> None:
    async with unharmed(portal):
        assert_refused(await send(portal, attack.raw), set(attack.codes) or None)


@pytest.mark.parametrize("attack", WIRE, ids=lambda attack: attack.name)
async def test_not_quite_http(portal: Portal, attack: Attack) -> None:
    async with unharmed(portal):
        reply = await send(portal, attack.raw)
        assert_bounded(reply)
        assert reply.status == 0 or reply.status >= 400


async def test_page_of_100_passes(portal: Portal) -> None:
    async with unharmed(portal):
        assert (await send(portal, post(AGENCIES, variables={"n": 100}))).errors == []


async def test_duplicate_keys_do_no_harm(portal: Portal) -> None:
    twice = b'{"query": "{ nothing }", "query": "{ __typename }"}'
    async with unharmed(portal):
        reply = await send(portal, request(twice))
        assert_bounded(reply)
        assert reply.status < 400


async def test_guessing_ids_shows_nothing(portal: Portal) -> None:
    async with unharmed(portal, log=64 * 1024):
        for guess in range(100):
            reply = await send(portal, post(f'{{ node(id: "UGF5bWVudDox{guess}") {{ id }} }}'))
            assert_bounded(reply)
            assert b'"id":' not in reply.body


async def test_closed_introspection_and_suggestions(closed_portal: Portal) -> None:
    async with unharmed(closed_portal):
        for query in ("{ __schema { types { name } } }", '{ __type(name: "Query") { name } }'):
            assert_refused(await send(closed_portal, post(query)))
        reply = await send(closed_portal, post("{ platfrom { version } }"))
        assert_refused(reply, {"GRAPHQL_VALIDATION_FAILED"})
        assert b"platform" not in reply.body
        assert (await send(closed_portal, request(method="GET", target="/explorer"))).status == 404


async def test_rate_is_of_each_client(closed_portal: Portal) -> None:
    async with unharmed(closed_portal):
        replies = [
            await send(closed_portal, post("{ __typename }"), address="127.0.0.9")
            for _ in range(120)
        ]
        refused = [reply for reply in replies if reply.status == 429]
        assert refused, "no request of the burst was refused"
        for reply in refused:
            assert_refused(reply, {"LIMIT_EXCEEDED"})
        assert b"retry-after" in refused[0].headers
