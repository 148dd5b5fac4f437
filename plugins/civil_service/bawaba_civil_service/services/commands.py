"""The plugin's command line: the simulated bureau."""

from __future__ import annotations

from typing import Annotated

import typer
from bawaba import correspondence, runtime
from bawaba.errors import AgencyUnavailable
from bawaba.plugin import Command

from bawaba_civil_service.domain import AGENCY, MAX_BATCH
from bawaba_civil_service.gateway import simulator
from bawaba_civil_service.rules import wire
from bawaba_civil_service.rules.pay import month_of
from bawaba_civil_service.services import letters, payroll


async def pay(
    month: Annotated[str | None, typer.Option(help="YYYY-MM; by default this month.")] = None,
) -> int:
    """Have the simulated bureau send this month's payslips, in letters."""
    wanted, told = month or month_of(runtime.today()), await simulator.everybody()
    sent = [wire.write_payslip(payroll.ordinary(facts, wanted, runtime.today())) for facts in told]
    for start in range(0, len(sent), MAX_BATCH):
        body = {"payslips": sent[start : start + MAX_BATCH]}
        key = f"{letters.PAYSLIPS}:{wanted}:{start}"
        try:
            reply = await correspondence.send_as_agency(AGENCY, letters.PAYSLIPS, body, key)
        except AgencyUnavailable as error:
            typer.echo(f"the letter did not arrive: {error}", err=True)
            return 1
        typer.echo(f"{wanted}: {dict(reply)}")
    return 0


COMMANDS = (
    simulator.SIMULATION.command("civil-service"),
    Command("civil-service", "pay", pay, "Have the simulated bureau pay a month."),
)
