"""The plugin's command line."""

from __future__ import annotations

import datetime as dt

import typer
from bawaba import correspondence, runtime
from bawaba.errors import AgencyUnavailable

from bawaba_payments_ewa.domain import AGENCY, Reading
from bawaba_payments_ewa.gateway import simulator, wire


async def bill(account: str, kwh: int = 2400, m3: int = 42) -> int:
    """Let the simulated authority read an account's meters today and send the bill by letter."""
    today = runtime.today()
    reading = Reading(
        reference=f"{account}-{today:%Y%m%d}",
        issued_on=today,
        due_on=today + dt.timedelta(days=21),
        starts_on=today - dt.timedelta(days=30),
        ends_on=today - dt.timedelta(days=1),
        electricity_kwh=max(kwh, 0),
        water_m3=max(m3, 0),
    )
    try:
        record = await simulator.add(account, readings=[reading])
    except LookupError as error:
        typer.echo(str(error), err=True)
        return 2
    body = {"accounts": [wire.write_account(record)]}
    key = f"bills:{reading.reference}"
    try:
        reply = await correspondence.send_as_agency(AGENCY, "ewa.bills", body, key)
    except AgencyUnavailable as error:
        typer.echo(f"the letter did not arrive: {error}", err=True)
        return 1
    typer.echo(f"{reading.reference}: {dict(reply)}")
    return 0
