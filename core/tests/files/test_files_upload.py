"""Uploading: what is taken, what is refused, and what is left behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from files_world import CREATE, NODE, PDF, PNG, PURPOSE, TICKET, World, digest, opened


async def test_a_file_is_stored_and_read_again(world: World) -> None:
    made = await world.create()
    assert made["errors"] == []
    assert made["attachment"]["status"] == "AWAITED"
    assert await world.put(made) == (200, "")
    status, body, headers = await world.call("GET", made["attachment"]["url"])
    assert (status, body) == (200, PNG)
    assert headers["Content-Type"] == "image/png"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in headers["Content-Security-Policy"]
    assert "filename*=UTF-8''%D8%B5" in headers["Content-Disposition"]
    assert headers["Content-Disposition"].startswith("inline")
    node = (await world.ask(NODE, {"id": made["attachment"]["id"]}))["data"]["node"]
    assert (node["name"], node["status"]) == ("صورة.png", "STORED")
    assert world.objects() == 1


async def test_the_same_key_is_the_same_place(world: World) -> None:
    first = await world.create(idempotencyKey="same")
    assert await world.create(idempotencyKey="same") == first
    other = await world.create(idempotencyKey="same", name="other.png")
    assert other["errors"][0]["code"] == "IDEMPOTENCY_KEY_REUSED"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"name": "../../etc/passwd"}, "FILE_NAME_INVALID"),
        ({"name": "a\\b.png"}, "FILE_NAME_INVALID"),
        ({"name": "a\r\nb.png"}, "FILE_NAME_INVALID"),
        ({"name": "a\u202egnp.exe"}, "FILE_NAME_INVALID"),
        ({"name": ".."}, "FILE_NAME_INVALID"),
        ({"name": " "}, "FILE_NAME_INVALID"),
        ({"name": "x" * 201}, "FILE_NAME_INVALID"),
        ({"purpose": "notes.other"}, "FILE_PURPOSE_UNKNOWN"),
        ({"mediaType": "image/svg+xml"}, "FILE_TYPE_NOT_ALLOWED"),
        ({"mediaType": "text/html"}, "FILE_TYPE_NOT_ALLOWED"),
        ({"size": 0}, "FILE_SIZE_INVALID"),
        ({"size": 40_000_001}, "FILE_SIZE_INVALID"),
        ({"sha256": "abc"}, "FILE_HASH_INVALID"),
    ],
)
async def test_what_gets_no_place(world: World, changed: dict[str, object], code: str) -> None:
    made = await world.create(**changed)
    assert made["attachment"] is None
    assert [error["code"] for error in made["errors"]] == [code]


@pytest.mark.parametrize(
    ("declared", "content", "code"),
    [
        ("image/png", b"<html><script>1</script>", "FILE_TYPE_MISMATCH"),
        ("image/png", PDF, "FILE_TYPE_MISMATCH"),
        ("application/pdf", b"MZ\x90\x00" + b"\0" * 9000, "FILE_TYPE_MISMATCH"),
        ("text/plain", b"caf\xe9", "FILE_TYPE_MISMATCH"),
        ("text/plain", b"a\x00b", "FILE_TYPE_MISMATCH"),
        ("text/csv", PDF, "FILE_TYPE_MISMATCH"),
    ],
)
async def test_a_lie_about_the_type_is_rejected(
    world: World, declared: str, content: bytes, code: str
) -> None:
    made = await world.create(content, mediaType=declared)
    assert await world.put(made, content) == (422, code)
    assert (await world.row()).status == "REJECTED"
    assert (world.objects(), (await world.counts())[0]) == (0, 0)
    assert await world.put(made, content) == (409, "FILE_ALREADY_STORED")


async def test_text_in_arabic_is_text(world: World) -> None:
    text = "مرحبا\n".encode() * 3000
    await world.stored(text, mediaType="text/plain", name="رسالة.txt")


async def test_another_hash_is_rejected(world: World) -> None:
    made = await world.create(sha256=digest(b"else"))
    assert await world.put(made) == (422, "FILE_HASH_MISMATCH")
    assert (await world.row()).status == "REJECTED"
    assert world.objects() == 0


async def test_another_length_is_refused_before_a_byte_is_read(world: World) -> None:
    made = await world.create()
    for wrong in (PNG + b"x", PNG[:-1]):
        assert await world.put(made, wrong) == (400, "FILE_SIZE_MISMATCH")
    assert (await world.row()).status == "AWAITED"
    assert await world.put(made) == (200, "")


@pytest.mark.parametrize("content", [PNG + b"x" * 200_000, PNG[:-1]])
async def test_without_a_length_the_bytes_are_counted(world: World, content: bytes) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield content

    made = await world.create()
    assert await world.put(made, pieces()) == (400, "FILE_SIZE_MISMATCH")
    assert ((await world.row()).status, world.objects()) == ("REJECTED", 0)


async def test_only_its_owner_uploads(world: World) -> None:
    made = await world.create()
    assert await world.put(made, person="ali") == (404, "NOT_FOUND")
    assert await world.put(made, person=None) == (401, "UNAUTHENTICATED")
    status, body, _ = await world.call("PUT", f"{world.base}/uploads/nothing", data=PNG)
    assert (status, body["errors"][0]["extensions"]["code"]) == (404, "NOT_FOUND")
    foreign = {"Origin": "https://evil.example"}
    assert await world.put(made, headers=foreign) == (403, "FORBIDDEN")


async def test_refusals_are_in_the_callers_language(world: World) -> None:
    made = await world.create()
    _, body, _ = await world.call(
        "PUT", made["uploadUrl"], data=b"x", headers={"Accept-Language": "ar"}
    )
    assert "حجم" in body["errors"][0]["message"]


async def test_of_two_at_once_one_wins(world: World) -> None:
    made = await world.create()
    answers = await asyncio.gather(*(world.put(made) for _ in range(4)))
    assert sorted(answers) == [(200, ""), *[(409, "FILE_ALREADY_STORED")] * 3]
    assert (world.objects(), (await world.counts())[0]) == (1, 1)


async def test_a_cut_connection_leaves_nothing_and_it_may_be_sent_again(world: World) -> None:
    made = await world.create()

    async def cut() -> AsyncIterator[bytes]:
        yield PNG[:100]
        raise ConnectionResetError

    with pytest.raises((aiohttp.ClientError, ConnectionResetError)):
        await world.put(made, cut())
    async with asyncio.timeout(5):
        while world.objects() or (await world.counts())[0]:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    assert await world.put(made) == (200, "")


async def test_a_stalled_upload_ends(world: World) -> None:
    async def stalled() -> AsyncIterator[bytes]:
        yield PNG[:100]
        await asyncio.sleep(2)

    made = await world.create()
    assert await world.put(made, stalled()) == (408, "UPLOAD_INTERRUPTED")
    assert await world.put(made) == (200, "")


async def test_a_place_expires(world: World) -> None:
    made = await world.create()
    world.clock.advance(minutes=16)
    assert await world.put(made) == (409, "FILE_ALREADY_STORED")


async def test_a_person_has_so_many_places(world: World) -> None:
    for _ in range(20):
        assert (await world.create())["errors"] == []
    assert (await world.create())["errors"][0]["code"] == "TOO_MANY_FILES"
    assert (await world.create(person="ali"))["errors"] == []


async def test_a_visitor_gets_nothing(world: World) -> None:
    for query, facts in ((TICKET, {"id": "x"}), (CREATE, {"name": "x", "mediaType": "x", "size": 1, "sha256": "x", "purpose": PURPOSE, "idempotencyKey": "k"})):  # noqa: E501  # fmt: skip
        body = {"query": query, "variables": {"input": facts}}
        _, answer, _ = await world.call("POST", f"{world.base}/graphql", person=None, json=body)
        assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_a_store_in_memory_stands_behind_the_same_code(tmp_path: Path) -> None:
    async with opened("", tmp_path / "data", files_url="memory://") as world:
        made = await world.create()
        assert await world.put(made) == (200, "")
        assert (await world.call("GET", made["attachment"]["url"]))[1] == PNG
        world.clock.advance(hours=25)
        await world.clean()
        assert await world.counts() == (0, 0)
