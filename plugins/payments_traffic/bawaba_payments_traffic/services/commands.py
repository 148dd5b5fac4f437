"""The plugin's command line."""

from __future__ import annotations

import typer

from bawaba_payments_traffic.gateway import simulator


async def simulate(
    latency_ms: int | None = None,
    outage: bool | None = None,  # noqa: FBT001  an option --outage/--no-outage
    late: bool | None = None,  # noqa: FBT001  likewise
) -> int:
    """Change how the simulated directorate behaves, for all processes; say how it behaves now."""
    now = await simulator.mode()
    if latency_ms is not None and latency_ms < 0:
        typer.echo("--latency-ms must not be negative", err=True)
        return 2
    wanted = simulator.Mode(
        latency_ms=now.latency_ms if latency_ms is None else latency_ms,
        outage=now.outage if outage is None else outage,
        late=now.late if late is None else late,
    )
    if wanted != now:
        await simulator.set_mode(wanted)
    typer.echo(f"latency {wanted.latency_ms} ms, outage {wanted.outage}, late {wanted.late}")
    return 0
