"""The plugin's command line."""

from __future__ import annotations

import typer
from bawaba import runtime
from bawaba.text import Text

from bawaba_bahrain_post.domain import PostScanKind
from bawaba_bahrain_post.gateway import simulator
from bawaba_bahrain_post.rules import s10


async def scan(
    tracking_number: str, kind: str, place: str = "Bahrain", place_ar: str = "البحرين"
) -> int:
    """Scan a shipment now, as the simulated post, and tell the platform."""
    number, kinds = s10.normalised(tracking_number), {each.value for each in PostScanKind}
    flaw = s10.flaw(number)
    if flaw is not None or kind.upper() not in kinds:
        problem = flaw.value.en if flaw else f"KIND is one of {', '.join(sorted(kinds))}"
        typer.echo(problem, err=True)
        return 2
    where = Text(place, place_ar)
    reply = await simulator.send_scan(
        number, PostScanKind(kind.upper()), where, f"post.sim:scan:{runtime.new_id()}"
    )
    typer.echo(f"new: {reply['new']}, refused: {reply['refused']}")
    return 0
