"""Downloading, attaching, tickets, and the janitor."""

from __future__ import annotations

from typing import Any

import pytest
from bawaba.errors import NotFound
from bawaba.files import FileNotReady, TooManyFiles, of_subjects
from bawaba.graphql import global_id, raw_id
from bawaba.host.files.models import FileObject, FileTicket
from bawaba.host.files.services import storing
from files_world import NODE, PNG, PURPOSE, TICKET, World


async def ticket(world: World, id_: str, person: str = "mona") -> Any:
    answer = await world.ask(TICKET, {"input": {"id": id_}}, person)
    return answer["data"]["createDownloadTicket"]


async def get(world: World, url: str, person: str | None = "mona", **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await world.call("GET", url, person, headers=named)


async def test_an_attached_file_is_read_by_whoever_may_now(world: World) -> None:
    file = await world.stored()
    (attached,) = await world.attach([file["id"]], "note-1")
    assert attached.subject == "note-1"
    assert (await get(world, file["url"], "reader"))[0] == 404
    world.readers.of["note-1"] = {"reader"}
    viewer = await _id(world, "reader")
    world.readers.of["note-1"] = {viewer}
    assert (await get(world, file["url"], "reader"))[1] == PNG
    assert (await world.ask(NODE, {"id": file["id"]}, "reader"))["data"]["node"] is not None
    assert (await get(world, file["url"], "ali"))[0] == 404
    assert (await world.ask(NODE, {"id": file["id"]}, "ali"))["data"]["node"] is None
    assert (await get(world, file["url"], None))[0] == 401
    with world.host.unit():
        found = await of_subjects(PURPOSE, ["note-1", "note-2"])
    assert {s: [f.id for f in each] for s, each in found.items()} == {"note-1": [attached.id]}


async def _id(world: World, person: str) -> str:
    with world.host.unit():
        return (await world.viewer(person)).person()


async def test_what_cannot_be_attached(world: World) -> None:
    file, waiting = await world.stored(), (await world.create())["attachment"]
    for ids, person, refusal in (
        (["nonsense"], "mona", NotFound),
        ([global_id("Attachment", "none")], "mona", NotFound),
        ([file["id"]], "ali", NotFound),
        ([waiting["id"]], "mona", FileNotReady),
        ([file["id"]] * 11, "mona", TooManyFiles),
    ):
        with pytest.raises(refusal):
            await world.attach(ids, "note-1", person)
    await world.attach([file["id"]], "note-1")
    await world.attach([file["id"]], "note-1")
    with pytest.raises(FileNotReady):
        await world.attach([file["id"]], "note-2")


async def test_ranges_and_head(world: World) -> None:
    url = (await world.stored())["url"]
    size = len(PNG)
    for asked, start, end in (
        ("bytes=0-9", 0, 10),
        ("bytes=5-", 5, size),
        ("bytes=-7", size - 7, size),
        (f"bytes=10-{size * 2}", 10, size),
    ):
        status, body, headers = await get(world, url, Range=asked)
        assert (status, body) == (206, PNG[start:end])
        assert headers["Content-Range"] == f"bytes {start}-{end - 1}/{size}"
    for odd in ("bytes=0-1,3-4", "lines=1-2", "bytes=5-2", "bytes=-"):
        assert (await get(world, url, Range=odd))[0] == 200
    status, _, headers = await get(world, url, Range=f"bytes={size}-")
    assert (status, headers["Content-Range"]) == (416, f"bytes */{size}")
    status, body, headers = await world.call("HEAD", url)
    assert (status, body, headers["Content-Length"]) == (200, b"", str(size))


async def test_a_ticket_works_for_a_minute_without_a_header(world: World) -> None:
    file = await world.stored()
    made = await ticket(world, file["id"])
    for _ in range(2):
        status, body, headers = await get(world, made["url"], None, Range="bytes=0-3")
        assert (status, body) == (206, PNG[:4])
        assert headers["X-Frame-Options"] == "SAMEORIGIN"
        assert "frame-ancestors 'self'" in headers["Content-Security-Policy"]
    secret = made["url"].rpartition("/")[2]
    assert secret not in str(await _tickets(world))
    assert (await get(world, made["url"][:-1] + "!", None))[0] == 404
    world.clock.advance(seconds=61)
    assert (await get(world, made["url"], None))[0] == 404
    await world.clean()
    assert (await world.counts())[1] == 0


async def _tickets(world: World) -> Any:
    with world.host.unit():
        return await FileTicket.all().values()


async def test_a_ticket_is_refused_for_what_one_may_not_see(world: World) -> None:
    file = await world.stored()
    made = await ticket(world, file["id"], "ali")
    assert (made["url"], made["errors"][0]["code"]) == (None, "NOT_FOUND")


async def test_a_ticket_dies_with_the_right(world: World) -> None:
    file = await world.stored()
    await world.attach([file["id"]], "note-1")
    world.readers.of["note-1"] = {await _id(world, "reader")}
    made = await ticket(world, file["id"], "reader")
    assert (await get(world, made["url"], None))[0] == 200
    world.readers.of.clear()
    assert (await get(world, made["url"], None))[0] == 404


async def test_the_janitor_expires_and_deletes(world: World) -> None:
    kept, left = await world.stored(), await world.stored()
    waiting = (await world.create())["attachment"]
    await world.attach([kept["id"]], "note-1")
    world.clock.advance(hours=25)
    await world.clean()
    states = [
        (await world.row(raw_id(f["id"], "Attachment"))).status for f in (kept, left, waiting)
    ]
    assert states == ["ATTACHED", "EXPIRED", "EXPIRED"]
    assert (world.objects(), (await world.counts())[0]) == (1, 1)


async def test_an_object_of_a_crashed_attempt_is_found(world: World) -> None:
    async def bytes_() -> Any:
        yield b"half"

    made = await world.create()
    with world.host.unit():
        row = await world.row()
        key = await storing.begin(row.id)
        await world.store.write(key, bytes_())
    await world.clean()
    assert world.objects() == 1, "it may be at work still"
    world.clock.advance(hours=2)
    await world.clean()
    assert (world.objects(), (await world.counts())[0]) == (0, 0)
    assert made["attachment"]["status"] == "AWAITED"


async def test_deletion_is_tried_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await world.stored()
    world.clock.advance(hours=25)

    async def broken(_key: str) -> None:
        raise OSError

    with monkeypatch.context() as patch:
        patch.setattr(world.store, "delete", broken)
        await world.clean()
    with world.host.unit():
        assert [o.state for o in await FileObject.all()] == ["DOOMED"]
    await world.clean()
    assert (world.objects(), (await world.counts())[0]) == (0, 0)
