"""Notices: one message for each event and person, whatever dies on the way."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from bawaba.db import transaction
from bawaba.host.host import Host
from bawaba.host.identity.models import Person
from bawaba.host.notifications.domain import RETENTION, Message, NotSent
from bawaba.host.notifications.models import DeliveryRow, NoticeRow
from bawaba.host.notifications.sending import Sender, forget, uncertain
from bawaba.notifications import Notice, notify
from bawaba.testing.clock import FrozenClock
from bawaba.text import Text


class Fake:
    """Reaches everybody; raises what it is told to, once each."""

    name = "fake"

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.tried: list[Message] = []
        self.sent: list[Message] = []

    def reaches(self, contact: Any) -> bool:
        return True

    async def send(self, message: Message) -> None:
        self.tried.append(message)
        await asyncio.sleep(0.05)
        if self.errors:
            raise self.errors.pop(0)
        self.sent.append(message)


async def a_notice(key: str = "test.told:1", **more: Any) -> Notice:
    person = await Person.all().order_by("id").first()
    assert person is not None
    return Notice(key, person.id, Text("Hello", "مرحبا"), Text("Body", "نص"), **more)


async def told(*notices: Notice) -> None:
    async with transaction():
        await notify(notices)


async def payloads() -> list[dict[str, Any]]:
    return [{"notice": row.id} for row in await NoticeRow.filter(key__startswith="test.")]


async def test_a_key_is_told_once(host: Host) -> None:
    with host.unit():
        notice = await a_notice()
        await told(notice, notice)
        await told(notice)
        assert len(await payloads()) == 1


async def test_two_transactions_at_once_make_one_notice(host: Host) -> None:
    with host.unit():
        notice = await a_notice()
        await asyncio.gather(*(told(notice) for _ in range(6)))
        assert len(await payloads()) == 1


async def test_a_rollback_tells_nobody(host: Host) -> None:
    with host.unit():
        notice = await a_notice()
        with pytest.raises(ZeroDivisionError):  # noqa: PT012
            async with transaction():
                await notify([notice])
                raise ZeroDivisionError
        assert await payloads() == []
        with pytest.raises(RuntimeError):
            await notify([notice])


async def test_what_was_refused_is_tried_again_under_the_same_id(host: Host) -> None:
    with host.unit():
        await told(await a_notice())
        (payload,) = await payloads()
        fake = Fake(NotSent("down"))
        with pytest.raises(NotSent):
            await Sender([fake]).send(payload)
        for _ in range(2):
            await Sender([fake]).send(payload)
        assert len(fake.sent) == 1
        assert len({message.id for message in fake.tried}) == 1


async def test_what_was_lost_is_uncertain_and_not_repeated(host: Host) -> None:
    with host.unit():
        await told(await a_notice())
        (payload,) = await payloads()
        fake = Fake(ConnectionError("secret words"))
        for _ in range(2):
            await Sender([fake]).send(payload)
        assert len(fake.tried) == 1
        (row,) = await uncertain()
        assert (row["messenger"], row["error"]) == ("fake", "ConnectionError")


async def test_a_process_that_died_while_sending_leaves_uncertainty(host: Host) -> None:
    with host.unit():
        await told(await a_notice())
        (payload,) = await payloads()
        fake = Fake()
        await Sender([fake]).send(payload)
        await DeliveryRow.filter(notice_id=payload["notice"]).update(state="SENDING")
        await Sender([fake]).send(payload)
        assert len(fake.tried) == 1
        assert len(await uncertain()) == 1


async def test_two_senders_at_once_send_one(host: Host) -> None:
    with host.unit():
        await told(await a_notice())
        (payload,) = await payloads()
        fake = Fake()
        await asyncio.gather(*(Sender([fake]).send(payload) for _ in range(2)))
        assert len(fake.tried) == 1


async def test_not_before_is_kept_by_the_clock(host: Host, clock: FrozenClock) -> None:
    with host.unit():
        await told(await a_notice(not_before=clock.now() + dt.timedelta(hours=1)))
        (payload,) = await payloads()
    sent = DeliveryRow.filter
    await host.parts.worker.run_due()
    with host.unit():
        assert not await sent(notice_id=payload["notice"]).exists()
    clock.advance(hours=1)
    await host.parts.worker.run_due()
    with host.unit():
        assert await sent(notice_id=payload["notice"], state="SENT").exists()


async def test_old_words_are_emptied_and_the_key_stays(host: Host, clock: FrozenClock) -> None:
    with host.unit():
        notice = await a_notice()
        await told(notice)
        clock.advance(seconds=RETENTION.total_seconds() + 1)
        await forget({})
        await told(notice)
        (row,) = await NoticeRow.filter(key=notice.key)
        assert (row.subject_en, row.subject_ar, row.body_en, row.body_ar) == ("", "", "", "")


async def test_words_that_are_still_to_be_sent_are_kept(host: Host, clock: FrozenClock) -> None:
    with host.unit():
        await told(await a_notice(not_before=clock.now() + 2 * RETENTION))
        clock.advance(seconds=RETENTION.total_seconds() + 1)
        await forget({})
        (row,) = await NoticeRow.filter(key__startswith="test.")
        assert row.body_en == "Body"


def test_the_command_line_lists_the_uncertain(tmp_path: Path) -> None:
    program = [sys.executable, "-c", "from bawaba.host.cli.main import main; main()"]
    verb = ["notifications", "uncertain", "--data", str(tmp_path)]
    environment = {**os.environ, "BAWABA_DEMO": "1"}
    ran = subprocess.run(
        [*program, *verb], env=environment, capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stdout) == (0, "")
