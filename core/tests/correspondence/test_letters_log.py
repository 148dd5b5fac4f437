"""The message log: no tampering by hand goes unnoticed, and what it shows is metadata alone."""

from __future__ import annotations

import datetime as dt
from typing import Any

import orjson
import pytest
from bawaba import correspondence
from bawaba.db import IntegrityError, execute, transaction
from bawaba.graphql import Context
from bawaba.host.chains import GENESIS
from bawaba.host.correspondence.domain import PLATFORM
from bawaba.host.correspondence.log import HEADS_FILE, digest
from bawaba.host.correspondence.models import LetterEntry, LetterHead, LetterKey
from bawaba.host.correspondence.sealing import key_of, new_key
from bawaba.viewer import Viewer
from letters_world import HOUSE, STARS, World


@pytest.fixture
async def full(world: World) -> World:
    """Six entries: three letters at both ends."""
    for number in range(3):
        await correspondence.send(HOUSE, "light.told", {"say": f"{number}"}, f"k{number}")
    assert await world.broken() == ""
    return world


async def unguarded(world: World) -> None:
    """Do as a database's owner can: drop the triggers that guard the log."""
    for table in ("core_letter", "core_letter_key"):
        if world.host.database.dialect == "sqlite":
            for name in ("update", "delete"):
                await execute(f"DROP TRIGGER {table}_append_only_{name}")
        else:
            await execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")


async def rewritten(first: int) -> None:
    """Give every entry from ``first`` on a fresh hash, as somebody who knows the law would."""
    previous = (await LetterEntry.get(number=first - 1)).hash if first > 1 else GENESIS
    for row in await LetterEntry.filter(number__gte=first).order_by("number").values():
        row["previous_hash"] = previous
        previous = digest(row)
        await LetterEntry.filter(number=row["number"]).update(
            previous_hash=row["previous_hash"], hash=previous
        )
    await LetterHead.filter(id=1).update(hash=previous)


@pytest.mark.parametrize("what", ["UPDATE core_letter SET kind = 'x.y'", "DELETE FROM core_letter"])
async def test_the_database_refuses_changes(full: World, what: str) -> None:
    with pytest.raises(IntegrityError):
        async with transaction():
            await execute(what)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("at", dt.datetime(2020, 1, 1, tzinfo=dt.UTC)), ("keeper", "x"),
        ("direction", "FROM_AGENCY"), ("agency", STARS), ("kind", "a.b"),
        ("key", "k"), ("message_id", "another-1"),
        ("correlation_id", "c"), ("body_sha256", "0" * 64), ("sealed", "x"), ("receipt", "x"),
        ("receipt_sha256", "0" * 64), ("receipt_signer", "x"), ("repeated", True),
        ("previous_hash", "0" * 64), ("hash", "0" * 64),
    ],
)  # fmt: skip
async def test_a_changed_column_is_found(full: World, column: str, value: Any) -> None:
    await unguarded(full)
    await LetterEntry.filter(number=3).update(**{column: value})
    assert (await full.broken()).startswith("entry 3 was changed")


async def test_a_removed_entry_is_found(full: World) -> None:
    await unguarded(full)
    await execute("DELETE FROM core_letter WHERE number = 3")
    assert await full.broken() == "entry 3 is missing"


async def test_swapped_entries_are_found(full: World) -> None:
    await unguarded(full)
    for old, new in ((2, 99), (4, 2), (99, 4)):
        await execute(f"UPDATE core_letter SET number = {new} WHERE number = {old}")
    assert (await full.broken()).startswith("entry 2 was changed")


async def test_a_cut_tail_is_found_even_where_the_head_was_turned_back(full: World) -> None:
    await unguarded(full)
    await execute("DELETE FROM core_letter WHERE number > 4")
    assert (await full.broken()).startswith("entry 5 is missing")
    await LetterHead.filter(id=1).update(number=4, hash=(await LetterEntry.get(number=4)).hash)
    assert (await full.broken()).startswith("entry 5 is missing"), "the heads file remembers"


async def test_a_history_rewritten_with_fresh_hashes_is_found(full: World) -> None:
    await unguarded(full)
    await LetterEntry.filter(number=3).update(correlation_id="other")
    await rewritten(3)
    assert (await full.broken()).startswith("entry 3 was rewritten")


async def test_a_receipt_is_of_its_letter_even_where_hashes_and_heads_agree(full: World) -> None:
    """Whoever can rewrite database and heads file still cannot sign for an agency."""
    await unguarded(full)
    heads = full.host.settings.data_dir / HEADS_FILE
    receipt = (await LetterEntry.get(number=5)).receipt
    await LetterEntry.filter(number=3).update(body_sha256="0" * 64)
    await rewritten(3)
    heads.unlink()
    assert await full.broken() == "entry 3 has a receipt for another letter"
    await LetterEntry.filter(number=3).update(receipt=receipt)
    await rewritten(3)
    assert await full.broken() == "entry 3 has another receipt than it says"


async def test_another_key_under_a_signers_thumbprint_is_found(full: World) -> None:
    await unguarded(full)
    jwk = orjson.dumps(key_of(new_key()).as_dict(private=False)).decode()
    await LetterKey.filter(party=HOUSE).update(jwk=jwk)
    assert "signer's key is gone or was changed" in await full.broken()


async def test_heads_are_published_outside_the_database(full: World) -> None:
    lines = (full.host.settings.data_dir / HEADS_FILE).read_bytes().splitlines()
    found = {orjson.loads(line)["number"]: orjson.loads(line)["hash"] for line in lines}
    assert found == {row["number"]: row["hash"] for row in await full.rows()}


QUERY = """query ($after: String, $agency: String, $direction: LetterDirection) {
  letters(first: 2, after: $after, agency: $agency, direction: $direction) {
    totalCount pageInfo { hasNextPage endCursor }
    nodes { id agency direction kind key messageId correlationId bodySha256 receiptSha256 repeated
      loggedAt } } }"""


async def asked(world: World, query: str, *permissions: str, **variables: Any) -> Any:
    viewer = Viewer("p1", grants=dict.fromkeys(permissions, frozenset({"*"})))
    prepared = world.host.engine.prepare(query, None, viewer.language)
    return await world.host.engine.execute(prepared, variables, Context(viewer))


async def test_operators_see_metadata_page_by_page_and_nobody_else_does(full: World) -> None:
    await correspondence.send_as_agency(HOUSE, "light.seen", {"say": "zq-secret"}, "k9")
    answer = await asked(full, QUERY, "correspondence.read")
    page = answer["data"]["letters"]
    assert [(n["direction"], n["key"]) for n in page["nodes"]] == [
        ("FROM_AGENCY", "k9"), ("TO_AGENCY", "k2"),
    ]  # fmt: skip
    assert page["totalCount"] == 4, "the platform's log, not the simulated agencies'"
    assert page["nodes"][1]["correlationId"] == "request-7"
    rest = await asked(full, QUERY, "correspondence.read", after=page["pageInfo"]["endCursor"])
    assert [n["key"] for n in rest["data"]["letters"]["nodes"]] == ["k1", "k0"]
    for wanted, count in (({"agency": STARS}, 0), ({"direction": "FROM_AGENCY"}, 1)):
        found = await asked(full, QUERY, "correspondence.read", **wanted)
        assert found["data"]["letters"]["totalCount"] == count
    assert b"zq-secret" not in orjson.dumps([answer, rest])
    refused = await asked(full, QUERY, "payments.read")
    assert [e["extensions"]["code"] for e in refused["errors"]] == ["FORBIDDEN"]


async def test_a_letter_is_a_node_of_those_who_may_read_it(full: World) -> None:
    id_ = (await asked(full, QUERY, "correspondence.read"))["data"]["letters"]["nodes"][0]["id"]
    node = "query ($id: ID!) { node(id: $id) { ... on Letter { key } } }"
    found = await asked(full, node, "correspondence.read", id=id_)
    assert found["data"]["node"] == {"key": "k2"}
    assert (await asked(full, node, id=id_))["data"]["node"] is None


async def test_the_sender_is_kept_with_the_receipt(full: World) -> None:
    signers = {row["receipt_signer"] for row in await full.rows()}
    assert signers == {full.office.own(HOUSE).signer.thumbprint()}
    assert await LetterKey.filter(party=PLATFORM).count() == 0
