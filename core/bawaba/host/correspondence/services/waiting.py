"""Letters whose agency cannot be reached yet: kept in the order in which they were to be sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from bawaba.db import fetch, transaction
from bawaba.host.correspondence import rules
from bawaba.host.correspondence.domain import Claims
from bawaba.host.correspondence.models import LetterWaiting
from bawaba.host.correspondence.office import Office
from bawaba.runtime import now

_COLUMNS = ("number", "kind", "key", "body", "correlation_id")


async def why_wait(office: Office, agency: str) -> str:
    """Return why a letter to an agency must wait, for an operator; empty: it need not."""
    if not office.is_connected(agency):
        return f"{agency} has no address for letters (BAWABA_CORRESPONDENCE_ADDRESSES)"
    if await LetterWaiting.filter(agency=agency).exists():
        return f"letters to {agency} that were written before still wait"
    return ""


async def put(letter: Claims) -> None:
    """Keep a letter to an agency until it can be reached; once for its key.

    Raises:
        ValueError: another one waits under this key.
    """
    said = (letter.kind, rules.canonical(letter.body).decode())
    same = LetterWaiting.filter(agency=letter.receiver, key=letter.key)
    if not await same.exists():
        row = LetterWaiting(
            agency=letter.receiver,
            key=letter.key,
            kind=said[0],
            body=said[1],
            correlation_id=letter.correlation_id,
            at=now(),
        )
        async with transaction():
            await LetterWaiting.bulk_create([row], ignore_conflicts=True)
    kept = await same.values_list("kind", "body")
    if kept and kept[0] != said:
        raise ValueError(f"the key {letter.key!r} was used for another {kept[0][0]} letter")


async def next_to(agency: str) -> Mapping[str, Any] | None:
    """Return the oldest letter that waits for an agency, its body as JSON values."""
    found = LetterWaiting.filter(agency=agency).order_by("number").limit(1)
    rows: list[dict[str, Any]] = await found.values(*_COLUMNS)
    return {**rows[0], "body": orjson.loads(rows[0]["body"])} if rows else None


async def remove(number: int) -> None:
    """Let a letter go: it has its receipt, or the agency refuses it for good."""
    await LetterWaiting.filter(number=number).delete()


async def counted(office: Office) -> dict[str, int]:
    """Return how many letters wait for each agency that any waits for; set the gauge, too."""
    rows = await fetch("SELECT agency, COUNT(*) AS many FROM core_letter_waiting GROUP BY agency")
    found = {row["agency"]: int(row["many"]) for row in rows}
    for agency in {*office.agencies, *found}:
        office.metrics.waiting.labels(agency).set(found.get(agency, 0))
    return dict(sorted(found.items()))
