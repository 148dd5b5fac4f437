"""``bawaba serve``: one process, or a supervisor over several."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import sys
import time
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Annotated

import typer
import uvloop
from aiohttp import web

from bawaba.errors import BootError
from bawaba.host import boot, logs
from bawaba.host.cli.hosting import Data, settings_for
from bawaba.host.cli.progress import reporting
from bawaba.host.settings import Settings

_RESTART_DELAY = 1.0


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
        raise typer.Exit(_supervise(settings))


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
    people = boot.load_registry(boot.discover(), settings).all("declare_demo_people")
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


async def serve_until_stopped(settings: Settings) -> None:
    """Serve in this process until SIGINT or SIGTERM; then finish what runs and close."""
    host = boot.build(settings)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with host.running():
        runner = web.AppRunner(
            host.app(), access_log=None, shutdown_timeout=10, handle_signals=False
        )
        await runner.setup()
        site = web.TCPSite(
            runner,
            settings.host,
            settings.port,
            reuse_port=settings.workers > 1 or None,
            backlog=1024,
        )
        try:
            await site.start()
        except OSError as error:
            raise BootError(
                "bawaba",
                f"address {settings.host}:{settings.port}",
                str(error.strerror or error),
                "choose another with --host and --port",
            ) from error
        await stop.wait()
        await host.say_goodbye()
        await runner.cleanup()


def _worker(settings: Settings) -> None:
    logs.configure(settings)
    uvloop.run(serve_until_stopped(settings))


def _supervise(settings: Settings) -> int:
    """Keep ``workers`` processes alive on one port until told to stop."""
    context = multiprocessing.get_context("spawn")
    stopping = False

    def start() -> BaseProcess:
        process = context.Process(target=_worker, args=(settings,), daemon=False)
        process.start()
        return process

    def stop(*_: object) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    processes = [start() for _ in range(settings.workers)]
    while not stopping:
        time.sleep(0.2)
        for index, process in enumerate(processes):
            if not stopping and not process.is_alive():
                time.sleep(_RESTART_DELAY)
                processes[index] = start()
    for process in processes:
        if process.is_alive() and process.pid:
            os.kill(process.pid, signal.SIGTERM)
    for process in processes:
        process.join(timeout=20)
        if process.is_alive():
            process.kill()
    return 0
