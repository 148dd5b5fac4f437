"""Counting what happened, in the transaction in which it happens."""

from __future__ import annotations

from bawaba import runtime

from bawaba_tawasul.domain import FactKind
from bawaba_tawasul.models import TawasulCase, TawasulFact


async def append(
    case: TawasulCase, kind: FactKind, *, on_time: bool = False, minutes: int = 0, score: int = 0
) -> None:
    """Count something of the case, today."""
    await TawasulFact.create(
        kind=kind.value,
        day=runtime.local_day(runtime.now()),
        agency=case.agency,
        category=case.category,
        on_time=on_time,
        minutes=minutes,
        score=score,
    )
