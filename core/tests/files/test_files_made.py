"""Files that the platform itself makes."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from bawaba import files
from bawaba.db import transaction
from bawaba.host.files.models import FileObject, FileRow
from bawaba.host.files.services import making
from files_world import PDF, PURPOSE, World

GIVEN = (PURPOSE, "subject-1", "print.pdf", "application/pdf")


async def test_what_is_made_is_read_as_an_upload_is(world: World) -> None:
    with world.host.unit():
        made = await files.store(*GIVEN, PDF)
        reader = (await world.viewer("reader")).person()
    assert (made.sha256, made.status.value) == (hashlib.sha256(PDF).hexdigest(), "ATTACHED")
    address = f"{world.settings.public}/files/{made.id}"
    assert (await world.call("GET", address, "reader"))[0] == 404
    world.readers.of["subject-1"] = {reader}
    status, body, headers = await world.call("GET", address, "reader")
    assert (status, body, headers["Content-Type"]) == (200, PDF, "application/pdf")
    assert (await world.call("GET", address, "mona"))[0] == 404
    assert (await world.call("GET", address, None))[0] in {401, 404}


async def test_the_same_is_stored_once(world: World) -> None:
    with world.host.unit():
        first = await files.store(*GIVEN, PDF)
        assert await files.store(*GIVEN, PDF) == first
        other = await files.store(*GIVEN, PDF + b"x")
        assert other.id != first.id
        found = await files.of_subjects(PURPOSE, ["subject-1"])
    assert [file.id for file in found["subject-1"]] == [first.id, other.id]
    assert world.objects() == 2


async def test_what_the_purpose_does_not_take(world: World) -> None:
    with world.host.unit():
        for media_type, content in (("text/html", b"x"), ("application/pdf", b"")):
            with pytest.raises(ValueError):
                await files.store(PURPOSE, "s", "x", media_type, content)
        with pytest.raises(LookupError):
            await files.store("notes.other", "s", "x", "application/pdf", PDF)
        with pytest.raises(RuntimeError):
            async with transaction():
                await files.store(*GIVEN, PDF)


async def test_a_crash_on_the_way_leaves_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def dies(*_: Any) -> None:
        raise OSError("the process dies here")

    with world.host.unit():
        with monkeypatch.context() as patch:
            patch.setattr(making, "_attach", dies)
            with pytest.raises(OSError):
                await files.store(*GIVEN, PDF)
        assert await FileRow.filter(status="ATTACHED").count() == 0
        made = await files.store(*GIVEN, PDF)
        assert made.status.value == "ATTACHED"
    world.clock.advance(days=2)
    await world.clean()
    assert world.objects() == 1
    with world.host.unit():
        assert await FileObject.all().count() == 1
