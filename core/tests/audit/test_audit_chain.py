"""The audit trail: gapless under concurrency, and no tampering by hand goes unnoticed."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
import pytest
from bawaba import audit
from bawaba.db import IntegrityError, execute, fetch, transaction
from bawaba.host.audit import verify_audit
from bawaba.host.audit.chain import COLUMNS, digest
from bawaba.host.audit.models import AuditEntry, AuditHead
from bawaba.host.audit.trail import HEADS_FILE
from bawaba.host.chains import GENESIS, Walk
from bawaba.runtime import correlated
from bawaba.viewer import Viewer
from hypothesis import given
from hypothesis import strategies as st
from world import START, World

VIEWER = Viewer(person_id="p1", device_id="d1")


async def write(count: int, first: int = 1) -> None:
    for number in range(first, first + count):
        async with transaction():
            await audit.record(VIEWER, "thing.done", f"Thing:{number}", {"b": number, "a": "نعم"})


async def unguarded(room: World) -> None:
    """Do as a database's owner can: drop the triggers that guard the trail."""
    names = ["update", "delete"] if room.database.dialect == "sqlite" else []
    for name in names:
        await room.database.client.execute_query(f"DROP TRIGGER core_audit_append_only_{name}")
    if not names:
        await room.database.client.execute_query("ALTER TABLE core_audit DISABLE TRIGGER USER")


async def test_an_entry_says_who_did_what_to_which_object_and_why_it_came(room: World) -> None:
    with correlated("request-7"):
        await write(1)
    entry = await AuditEntry.get(number=1)
    assert (entry.actor, entry.device, entry.action, entry.resource) == (
        "p1",
        "d1",
        "thing.done",
        "Thing:1",
    )
    assert (entry.at, entry.detail, entry.correlation_id) == (
        START,
        '{"a":"نعم","b":1}',
        "request-7",
    )
    assert entry.previous_hash == GENESIS
    async with transaction():
        await audit.record(None, "platform.started", "Platform:1")
    own = await AuditEntry.get(number=2)
    assert (own.actor, own.device, own.detail) == (None, None, "{}")
    assert own.previous_hash == entry.hash


async def test_recording_needs_a_transaction(room: World) -> None:
    with pytest.raises(RuntimeError):
        await audit.record(VIEWER, "thing.done", "Thing:1")


async def test_what_is_rolled_back_leaves_neither_entry_nor_gap_nor_head(room: World) -> None:
    await write(1)

    async def fails_later() -> None:
        async with transaction():
            await audit.record(VIEWER, "thing.done", "Thing:2")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fails_later()
    await write(1, first=3)
    assert await AuditEntry.all().order_by("number").values_list("number", flat=True) == [1, 2]
    lines = (room.data / HEADS_FILE).read_bytes().splitlines()
    assert [orjson.loads(line)["number"] for line in lines] == [1, 2]
    assert await verify_audit() is None


async def test_concurrent_writers_make_one_gapless_chain(room: World) -> None:
    async def twice() -> None:
        async with transaction():
            await audit.record(VIEWER, "thing.done", "Thing:1")
            await audit.record(VIEWER, "thing.done", "Thing:2")

    await asyncio.gather(*(twice() for _ in range(20)))
    assert await AuditEntry.all().order_by("number").values_list("number", flat=True) == list(
        range(1, 41)
    )
    assert await verify_audit() is None


async def test_an_empty_and_an_honest_trail_are_intact(room: World) -> None:
    assert await verify_audit() is None
    await write(5)
    assert await verify_audit() is None


async def test_the_database_itself_refuses_changes(room: World) -> None:
    await write(2)
    for statement in ("UPDATE core_audit SET actor = 'x'", "DELETE FROM core_audit"):
        with pytest.raises(IntegrityError):
            await execute(statement)


@pytest.mark.parametrize("column", [*COLUMNS[1:], "hash"])
async def test_a_change_of_any_column_is_found(room: World, column: str) -> None:
    await write(5)
    await unguarded(room)
    new: dict[str, Any] = {
        "at": START.replace(microsecond=1),
        "hash": "f" * 64,
        "previous_hash": "f" * 64,
    }
    await AuditEntry.filter(number=3).update(**{column: new.get(column, "tampered")})
    broken = await verify_audit()
    assert broken is not None
    assert broken.number == 3
    assert str(broken).startswith("entry 3 was changed")


async def test_a_removed_entry_is_found(room: World) -> None:
    await write(5)
    await unguarded(room)
    await execute("DELETE FROM core_audit WHERE number = 3")
    broken = await verify_audit()
    assert broken is not None
    assert (broken.number, broken.problem) == (3, "is missing")


async def test_a_removed_entry_is_found_though_the_rest_moved_up(room: World) -> None:
    await write(5)
    await unguarded(room)
    await execute("DELETE FROM core_audit WHERE number = 3")
    for number in (4, 5):
        await execute("UPDATE core_audit SET number = $1 WHERE number = $2", number - 1, number)
    broken = await verify_audit()
    assert broken is not None
    assert broken.number == 3


async def test_two_swapped_entries_are_found(room: World) -> None:
    await write(5)
    await unguarded(room)
    for old, new in ((2, 99), (4, 2), (99, 4)):
        await execute("UPDATE core_audit SET number = $1 WHERE number = $2", new, old)
    broken = await verify_audit()
    assert broken is not None
    assert broken.number == 2


async def rehash(first: int) -> None:
    """Hash the chain anew from entry ``first`` on, as somebody who knows the code would."""
    before = await AuditEntry.get_or_none(number=first - 1)
    last = before.hash if before else GENESIS
    for entry in await AuditEntry.filter(number__gte=first).order_by("number").values():
        entry["previous_hash"] = last
        last = digest(entry)
        await AuditEntry.filter(number=entry["number"]).update(
            previous_hash=entry["previous_hash"], hash=last
        )
    await AuditHead.filter(id=1).update(hash=last)


async def test_a_history_rewritten_with_fresh_hashes_is_found(room: World) -> None:
    await write(5)
    await unguarded(room)
    await AuditEntry.filter(number=2).update(actor="somebody-else")
    await rehash(2)
    broken = await verify_audit()
    assert broken is not None
    assert (broken.number, broken.problem) == (2, "was rewritten: its published hash differs")


@pytest.mark.parametrize("thorough", [False, True])
async def test_a_cut_tail_is_found(room: World, thorough: bool) -> None:
    await write(5)
    await unguarded(room)
    await execute("DELETE FROM core_audit WHERE number > 3")
    if thorough:
        (last,) = await fetch("SELECT hash FROM core_audit WHERE number = 3")
        await execute("UPDATE core_audit_head SET number = 3, hash = $1", last["hash"])
    broken = await verify_audit()
    assert broken is not None
    assert (broken.number, broken.problem) == (4, "is missing, as is everything up to 5")


async def test_everything_removed_is_found(room: World) -> None:
    await write(2)
    await unguarded(room)
    await execute("DELETE FROM core_audit")
    await execute("DELETE FROM core_audit_head")
    broken = await verify_audit()
    assert broken is not None
    assert broken.number == 1


async def test_a_torn_line_of_the_heads_file_hides_nothing_else(room: World) -> None:
    await write(3)
    with (room.data / HEADS_FILE).open("ab") as file:
        file.write(b'{"number":4,"ha')
    assert await verify_audit() is None


async def test_a_trail_longer_than_one_batch_is_walked_whole(
    room: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bawaba.host.audit.trail._BATCH", 2)
    await write(5)
    assert await verify_audit() is None
    await unguarded(room)
    await AuditEntry.filter(number=5).update(action="tampered")
    broken = await verify_audit()
    assert broken is not None
    assert broken.number == 5


def _entry(number: int, previous: str, words: str) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "number": number, "at": START, "actor": None, "device": None, "action": words,
        "resource": "", "detail": "{}", "correlation_id": "-", "previous_hash": previous,
    }  # fmt: skip
    return entry | {"hash": digest(entry)}


def _chain(words: list[str]) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = []
    for number, word in enumerate(words, start=1):
        entries.append(_entry(number, entries[-1]["hash"] if entries else GENESIS, word))
    return entries


@given(
    st.lists(st.text(st.characters(codec="utf-8"), max_size=5), min_size=1, max_size=8), st.data()
)
def test_law_any_cut_swap_or_change_breaks_the_walk(words: list[str], data: st.DataObject) -> None:
    entries = _chain(words)
    published = {entry["number"]: entry["hash"] for entry in entries}
    walk = Walk(published, digest)
    assert walk.follow(entries) is None
    assert walk.finish((len(entries), entries[-1]["hash"])) is None
    place = data.draw(st.integers(0, len(entries) - 1))
    tampered = [dict(entry) for entry in entries]
    match data.draw(st.sampled_from(["change", "remove", "repeat", "rewrite"])):
        case "change":
            tampered[place]["resource"] = "else"
        case "remove":
            del tampered[place]
        case "repeat":
            tampered.insert(place, tampered[place])
        case _:
            tampered = _chain([*words[:place], words[place] + "!", *words[place + 1 :]])
    walk = Walk(published, digest)
    broken = walk.follow(tampered) or walk.finish(None)
    assert broken is not None
    assert broken.number in {place + 1, place + 2}
