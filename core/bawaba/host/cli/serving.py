"""``bawaba serve``: one process, or a supervisor over several."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
import uvloop

from bawaba.host import boot, logs
from bawaba.host.cli.hosting import Data, settings_for
from bawaba.host.cli.progress import reporting
from bawaba.host.cli.supervising import Supervisor
from bawaba.host.cli.working import serve_until_stopped
from bawaba.host.settings import Settings


def add_to(app: typer.Typer) -> None:
    """Add the verb to the command line."""
    app.command()(serve)


def serve(
    demo: Annotated[bool, typer.Option("--demo", help="Demo issuer, people and data.")] = False,  # noqa: FBT002
    host: Annotated[str | None, typer.Option("--host", help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option("--port", help="Port to listen on.")] = None,
    workers: Annotated[
        int | None, typer.Option("--workers", min=1, help="Server processes.")
    ] = None,
    data: Data = None,
) -> None:
    """Serve the gateway."""
    for name, value in (("HOST", host), ("PORT", port), ("WORKERS", workers)):
        if value is not None:
            os.environ[f"BAWABA_{name}"] = str(value)
    settings = settings_for(data, demo=demo)
    _refuse_unsafe(settings)
    logs.configure(settings)
    uvloop.run(_prepare(settings))
    if settings.demo:
        print(_welcome(settings), flush=True)
    if settings.workers == 1:
        uvloop.run(serve_until_stopped(settings))
    else:
        Supervisor(settings).run()


def _refuse_unsafe(settings: Settings) -> None:
    if settings.workers > 1 and not (
        settings.database.startswith("postgres") and settings.redis_url
    ):
        print(
            "bawaba: more than one worker needs PostgreSQL and Redis: "
            "set BAWABA_DATABASE_URL and BAWABA_REDIS_URL",
            file=sys.stderr,
        )
        raise typer.Exit(2)


def _welcome(settings: Settings) -> str:
    """Return what a newcomer needs: where to look and how to sign in."""
    people = boot.load_registry(boot.discover(), settings).demo_people()
    width = max(len(person.handle) for person in people)
    verb = f"{_program()} token"
    lines = [
        "",
        "بوابة Bawaba: the demo is at your service.",
        f"  GraphQL   {settings.public}/graphql   (POST, and WebSocket with graphql-transport-ws)",
        f"  Explorer  {settings.public}/explorer  (choose a person at the top, run the query)",
        "  Sign in   send the header  Authorization: Bearer TOKEN, where TOKEN is printed by",
        *(
            f"    {verb} {person.handle:<{width}} --data {settings.data_dir}   {person.name.en}"
            for person in people
        ),
        "",
    ]
    return "\n".join(lines)


def _program() -> str:
    """Return how this program was called, relative to where its caller stands."""
    program, here = Path(sys.argv[0]).absolute(), Path.cwd()
    return str(program.relative_to(here)) if program.is_relative_to(here) else str(program)


async def _prepare(settings: Settings) -> None:
    """Migrate, and in demo mode load the demo's data, before anything listens."""
    host = boot.build(settings)
    with reporting() as progress:
        async with host.opened():
            if settings.demo:
                await host.load_demo(progress)
