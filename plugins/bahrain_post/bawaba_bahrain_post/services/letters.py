"""What the platform does with the post's letters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bawaba import db
from bawaba.correspondence import Correspondent, Letter

from bawaba_bahrain_post.domain import AGENCY
from bawaba_bahrain_post.gateway.simulator import SIMULATED, line
from bawaba_bahrain_post.rules import letters
from bawaba_bahrain_post.services import boxes, shipments


async def take_scans(letter: Letter) -> Mapping[str, Any]:
    """Take scans of any number of shipments, and what the post knows of these shipments."""
    taken = letters.read(letter.body, letter.sent_at)
    async with db.transaction():
        stored = await shipments.store(taken.consignments, taken.scans, letter.key)
    return letters.answer(taken, stored.beyond, stored.news)


async def take_boxes(letter: Letter) -> Mapping[str, Any]:
    """Take boxes that the post has let."""
    taken = letters.read(letter.body, letter.sent_at)
    unknown = [box for box in taken.boxes if not boxes.acceptable(box)]
    taken.refused += [{"part": "boxes", "number": box.number, "reason": "TERMS"} for box in unknown]
    async with db.transaction():
        news = await boxes.register([box for box in taken.boxes if box not in unknown])
    return letters.answer(taken, (), news)


CORRESPONDENTS = (
    Correspondent(
        AGENCY,
        takes={"post.scans": take_scans, "post.boxes": take_boxes},
        simulated=SIMULATED,
        line=line,
    ),
)
