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


LIST = "services(first: $n) { nodes { ...S } edges { node { ...S } } }"
COSTLY = (
    f"query ($n: Int!) {{ {' '.join(f'a{n}: {LIST}' for n in range(15))} }}"
    " fragment S on Service { code agency { code } }"
)


async def test_cost_is_reckoned_with_the_variables(portal: Portal) -> None:
    async with unharmed(portal):
        cheap = await send(portal, post(COSTLY, variables={"n": 5}))
        assert cheap.errors == []
        dear = await send(portal, post(COSTLY, variables={"n": 100}))
        assert_refused(dear, {"LIMIT_EXCEEDED"})


def guesses(references: list[str]) -> bytes:
    """Return one request that tries fines under aliases."""
    tries = (
        f'a{n}: trafficFines(by: {{reference: "{reference}"}}, first: 1) {{ totalCount }}'
        for n, reference in enumerate(references)
    )
    return post("{ " + " ".join(tries) + " }")


async def test_aliases_do_not_hide_guesses(portal: Portal) -> None:
    """Thirty tries a minute: of one client at any object, and at one object of all clients."""
    async with unharmed(portal):
        many = [await send(portal, guesses([f"TF-{p}-{n}" for n in range(15)])) for p in range(3)]
        assert [reply.codes for reply in many[:2]] == [set(), set()]
        assert many[2].codes == {"LIMIT_EXCEEDED"}
        for n in range(2):
            assert not (await send(portal, guesses(["TF-X"] * 15), f"127.0.0.{20 + n}")).codes
        over = await send(portal, guesses(["TF-X"]), "127.0.0.22")
        assert over.codes == {"LIMIT_EXCEEDED"}
        assert over.errors[0]["extensions"]["retryAfter"] > 0


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
