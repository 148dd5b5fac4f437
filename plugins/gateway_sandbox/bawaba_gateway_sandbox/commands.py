"""The verbs ``bawaba sandbox …``: for trying what a payment gateway does at its worst."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable
from pathlib import Path
from typing import Annotated

import typer
from bawaba.plugin import Command

from bawaba_gateway_sandbox import services
from bawaba_gateway_sandbox.domain import (
    CheckoutNotLate,
    CheckoutUnknown,
    DeliveryFailed,
    NotPossible,
    Spoil,
)
from bawaba_gateway_sandbox.rules import settlement as rules
from bawaba_gateway_sandbox.services import bank, settling

__all__ = ["COMMANDS"]


async def events(
    last: Annotated[int, typer.Option(min=1, max=1000, help="How many of the newest.")] = 20,
) -> int:
    """List the callbacks that were sent, or are still to be sent."""
    for row in await services.latest_events(last):
        delivered = row["delivered_at"].isoformat() if row["delivered_at"] else "not delivered"
        typer.echo(f"{row['id']}  {row['kind']:<13}  payment {row['payment_id']}  {delivered}")
    return 0


async def late_capture(
    payment_reference: Annotated[str, typer.Argument(help="Reference of the payment.")],
) -> int:
    """Report a capture for a payment that expired, was cancelled or was abandoned."""
    try:
        event_id = await services.capture_late(payment_reference)
    except CheckoutUnknown:
        typer.echo(f"no checkout was opened for {payment_reference}", err=True)
        return 1
    except CheckoutNotLate as error:
        typer.echo(f"only an expired, cancelled or abandoned one can be late: {error}", err=True)
        return 1
    typer.echo(f"event {event_id}: a running server will deliver it")
    return 0


_REFERENCE = Annotated[str, typer.Argument(help="Reference of the payment.")]


async def hold(payment_reference: _REFERENCE) -> int:
    """Hold the amount of an open checkout; approving takes it, cancelling lets it go."""
    return await _bank(bank.hold(payment_reference), payment_reference)


async def dispute(payment_reference: _REFERENCE) -> int:
    """Let the payer's bank take a payment back until it is known who is right."""
    return await _bank(bank.dispute(payment_reference), payment_reference)


async def dispute_won(payment_reference: _REFERENCE) -> int:
    """Decide a dispute for the platform."""
    return await _bank(bank.end_dispute(payment_reference, won=True), payment_reference)


async def dispute_lost(payment_reference: _REFERENCE) -> int:
    """Decide a dispute for the payer."""
    return await _bank(bank.end_dispute(payment_reference, won=False), payment_reference)


async def return_refund(payment_reference: _REFERENCE) -> int:
    """Let the payer's bank send the newest refund back."""
    return await _bank(bank.return_refund(payment_reference), payment_reference)


async def _bank(deed: Awaitable[str], reference: str) -> int:
    try:
        event_id = await deed
    except CheckoutUnknown:
        typer.echo(f"no checkout was opened for {reference}", err=True)
        return 1
    except NotPossible as error:
        typer.echo(f"{reference}: {error}", err=True)
        return 1
    typer.echo(f"event {event_id}: a running server will deliver it")
    return 0


async def resend(
    event_id: Annotated[str | None, typer.Argument(help="Id of the event, see `events`.")] = None,
    last: Annotated[int, typer.Option(min=0, max=1000, help="Or the newest N events.")] = 0,
) -> int:
    """Send callbacks once more, under the same ids, to a running server."""
    if (event_id is None) == (last == 0):
        typer.echo("name an event, or --last N", err=True)
        return 2
    ids = [event_id] if event_id else [str(row["id"]) for row in await services.latest_events(last)]
    failed = 0
    for one in ids:
        try:
            await services.resend(one)
            typer.echo(f"{one}  taken")
        except (LookupError, DeliveryFailed) as error:
            typer.echo(f"{one}  failed: {error}", err=True)
            failed = 1
    return failed


async def settlement(
    day: Annotated[dt.datetime, typer.Argument(formats=["%Y-%m-%d"], help="The local day.")],
    to: Annotated[Path, typer.Option("--to", help="The file to write.")],
    spoil: Annotated[Spoil | None, typer.Option(help="Put one fault into it.")] = None,
    revision: Annotated[int, typer.Option(min=1, max=999_999, help="Which version.")] = 1,
) -> int:
    """Write what the gateway's book holds of a day as a settlement file, one row at a time."""
    said = await settling.book_of(day.date(), revision)
    if spoil is not None:
        said = rules.spoiled(said, spoil)
    with to.open("wb") as file:
        file.writelines(rules.text_of(rules.rows_of(said)))
    typer.echo(f"{to}: {len(said.lines)} lines, {len(said.payouts)} payouts")
    return 0


COMMANDS = (
    Command("sandbox", "events", events, "List the callbacks of the sandbox gateway."),
    Command("sandbox", "late-capture", late_capture, "Report a capture too late."),
    Command("sandbox", "hold", hold, "Hold the amount of an open checkout."),
    Command("sandbox", "dispute", dispute, "Let the payer's bank take a payment back."),
    Command("sandbox", "dispute-won", dispute_won, "Decide a dispute for the platform."),
    Command("sandbox", "dispute-lost", dispute_lost, "Decide a dispute for the payer."),
    Command("sandbox", "return-refund", return_refund, "Let a refund come back."),
    Command("sandbox", "resend", resend, "Send callbacks once more."),
    Command("sandbox", "settlement", settlement, "Write a day's settlement file."),
)
