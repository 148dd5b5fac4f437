"""Whatever happens to a secret ballot, no log tells what was cast, by which number or receipt."""

from __future__ import annotations

import logging
import re
from typing import Any

import pytest
import structlog
from bawaba_emeeting.services import log
from meeting_chamber import MEMBERS, nonce

CHOICES = dict(zip(MEMBERS, ("YES", "NO", "YES", "YES", "NO", "ABSTAIN", "YES", "NO"), strict=True))
CHOICE = re.compile(r"\b(YES|NO|ABSTAIN)\b")


class Logs:
    """All that is logged meanwhile, as a server writes it: tracebacks and libraries' lines too."""

    def __init__(self, lines: list[Any], caplog: pytest.LogCaptureFixture) -> None:
        self._lines, self._caplog = lines, caplog

    def text(self) -> str:
        own = [str(structlog.processors.format_exc_info(None, "", dict(x))) for x in self._lines]
        foreign = [f"{r.getMessage()} {r.exc_text or ''}" for r in self._caplog.records]
        return "\n".join([*own, *foreign])


@pytest.fixture
def logs(caplog: pytest.LogCaptureFixture) -> Any:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.WARNING, logger="tortoise")  # as ``logs.configure`` has it
    with structlog.testing.capture_logs() as lines:
        yield Logs(lines, caplog)


async def cast(chamber: Any, motion: str, who: str, number: str) -> tuple[Any, list[str]]:
    fields = {"motionId": motion, "choice": CHOICES[who], "ballotNonce": number}
    return await chamber.act(who, "CastVote", idempotencyKey=f"of-{who}", **fields)  # type: ignore[no-any-return]


async def test_nothing_secret_is_logged(
    chamber: Any, logs: Logs, monkeypatch: pytest.MonkeyPatch
) -> None:
    await chamber.convened()
    motion = await chamber.opened(ballot="SECRET")
    numbers = {who: nonce() for who in MEMBERS}
    announce = log.announce

    async def breaks(*_: Any) -> None:
        raise RuntimeError("as it happens")

    # The first try of each fails after the ballot lay in the box; the second counts, a third is
    # told again what the second was.
    receipts = set()
    for who, number in numbers.items():
        monkeypatch.setattr(log, "announce", breaks)
        assert await cast(chamber, motion, who, number) == (None, ["INTERNAL_ERROR"])
        monkeypatch.setattr(log, "announce", announce)
        for _ in range(2):
            payload, errors = await cast(chamber, motion, who, number)
            assert errors == []
            receipts.add(payload["receipt"])
    assert len(receipts) == 8
    # What is refused is not logged either.
    for refused in (numbers["chair"], nonce(), "short"):
        fields = {"motionId": motion, "choice": "NO", "ballotNonce": refused}
        await chamber.refuses("chair", "CastVote", **fields)
    await chamber.closed(motion)
    told = logs.text()
    assert told.count("RuntimeError: as it happens") == 8, (
        "the faults were not logged: is this a test?"
    )
    assert "Traceback" in told
    for secret in (*numbers.values(), *receipts):
        assert secret not in told
    assert not CHOICE.search(told)
