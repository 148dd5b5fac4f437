"""A reader that went away ends its event stream in silence: it is no fault of the server's."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from bawaba.errors import NotFound
from bawaba.host import boot
from bawaba.host.server import sse
from bawaba.host.streams.stream import Stream
from bawaba.text import Language


class _Closed:
    """A transport as uvloop leaves it when the other side is gone."""

    def is_closing(self) -> bool:
        return True

    def write(self, _data: bytes) -> None:
        raise RuntimeError("unable to perform operation on <TCPTransport closed=True>")


async def test_nothing_is_written_to_a_reader_that_is_gone() -> None:
    stream: Any = SimpleNamespace(
        _settings=SimpleNamespace(socket_ping=0.01),
        _over=asyncio.Event(),
        _transport=_Closed(),
        _stopped=0.0,
    )
    await sse.EventAnswer._breathe(stream, SimpleNamespace(ready=True))
    assert stream._over.is_set()


def test_a_stream_ends_at_the_path_of_its_field(tmp_path: Path) -> None:
    engine = boot.build(boot.Settings(data_dir=tmp_path / "data", demo=True)).engine
    text = 'subscription { mine: paymentUpdated(id: "x") { kind } }'
    prepared = engine.prepare(text, None, Language.EN)
    shared: Any = SimpleNamespace()
    stream = Stream((), shared, shared, shared, Language.EN, engine, prepared, {})
    (error,) = stream.errors(NotFound())
    assert (error["extensions"]["code"], error["path"]) == ("NOT_FOUND", ["mine"])
