"""Verbs of correspondence: check the message log, list keys, rotate them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Annotated

import typer

from bawaba.host.cli.hosting import Data, run_in_host
from bawaba.host.correspondence import rules
from bawaba.host.correspondence.domain import PLATFORM
from bawaba.host.correspondence.keyring import KeysMissing
from bawaba.host.correspondence.log import verify_letters
from bawaba.host.correspondence.office import Office
from bawaba.host.correspondence.services import waiting
from bawaba.host.host import Host
from bawaba.runtime import now


def add_to(app: typer.Typer) -> None:
    """Add the group ``correspondence`` to the command line."""
    sub = typer.Typer(no_args_is_help=True)
    for name, verb in (("verify", verify), ("keys", keys), ("rotate", rotate)):
        sub.command(name)(verb)
    app.add_typer(sub, name="correspondence", help="Letters between the platform and agencies.")


def verify(data: Data = None) -> None:
    """Check the message log and its receipts; name the first broken entry."""

    async def check(_: Host) -> int:
        broken = await verify_letters()
        print("intact" if broken is None else f"broken: {broken}")
        return 0 if broken is None else 1

    raise typer.Exit(run_in_host(data, check) or 0)


def keys(data: Data = None) -> None:
    """List who has which keys, and who no address; fail where keys are missing or letters wait."""

    async def show(host: Host) -> int:
        office = host.parts.correspondence.office
        waits = await waiting.counted(office)
        missing = 1 if waits else 0
        for party in (PLATFORM, *sorted(office.agencies)):
            try:
                for words in _shown(office, party):
                    print(party, *words, sep="\t")
            except KeysMissing as error:
                print(f"bawaba: {error}", file=sys.stderr)
                missing = 1
        for agency, many in waits.items():
            print(agency, "WAITING", f"{many} letters", sep="\t")
        return missing

    raise typer.Exit(run_in_host(data, show) or 0)


def _shown(office: Office, party: str) -> Iterator[tuple[str, ...]]:
    """Yield a line of words for each pair of keys of a party; makes none."""
    if party in office.addresses:
        yield "PARTNER", f"sealed to as {office.public(party).sealer().kid}"
    elif not office.is_simulated(party) and party != PLATFORM:
        yield "NO ADDRESS", "letters to it wait: set BAWABA_CORRESPONDENCE_ADDRESSES"
    elif office.keyring.has(party) or party == PLATFORM:
        for pair in office.own(party).pairs:
            state = rules.state_at(pair, now(), office.keyring.grace).value
            since = pair.retired_at or pair.made_at
            yield state, f"{since:%Y-%m-%d %H:%M}", f"signs as {pair.signing['kid']}"
    else:
        yield "SIMULATED", "keys are made at the first letter"


def rotate(
    party: Annotated[str, typer.Argument(help="`platform`, or a simulated agency.")] = PLATFORM,
    data: Data = None,
) -> None:
    """Let a party's next key sign from now on; the present one retires, and another comes next.

    The first time it makes the party's keys. Running processes notice by themselves.
    """

    async def turn(host: Host) -> int:
        office = host.parts.correspondence.office
        if party != PLATFORM and not office.is_simulated(party):
            print(f"bawaba: {party!r} has no keys here: it makes its own", file=sys.stderr)
            return 2
        print(f"{party} signs as {office.keyring.rotate(party, now()).signer.kid}")
        return 0

    raise typer.Exit(run_in_host(data, turn) or 0)
