"""Verbs of operators and of the demo: people, tokens, migrations, jobs, grants, audit."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Column, Table

from bawaba.domain import IllegalTransition
from bawaba.host import boot
from bawaba.host.audit import verify_audit
from bawaba.host.cli.hosting import Data, run_in_host, settings_for
from bawaba.host.cli.progress import reporting
from bawaba.host.host import Host
from bawaba.host.identity import grant_role, issue_demo_token, withdraw_role
from bawaba.host.jobs import dead_letters, requeue, requeue_all
from bawaba.host.live import renew_epochs
from bawaba.host.notifications.sending import uncertain
from bawaba.host.storage.migrate import migrate as run_migrations

_OUT = Console()


def add_to(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    app.command()(token)
    app.command()(people)
    app.command()(migrate)
    groups: list[tuple[str, dict[str, Callable[..., Any]], str]] = [
        ("demo", {"load": demo_load}, "The demo's data."),
        ("jobs", {"list": jobs_list, "requeue": jobs_requeue}, "Background work that gave up."),
        ("roles", {"grant": roles_grant, "withdraw": roles_withdraw}, "Who holds which role."),
        ("audit", {"verify": audit_verify}, "The audit trail."),
        ("live", {"renew": live_renew}, "Live delivery."),
        ("notifications", {"uncertain": notifications_uncertain}, "Notices to people."),
    ]
    for group, verbs, words in groups:
        sub = typer.Typer(no_args_is_help=True)
        for name, verb in verbs.items():
            sub.command(name)(verb)
        app.add_typer(sub, name=group, help=words)


def token(
    person: Annotated[str, typer.Argument(help="A demo person; see `bawaba people`.")],
    device: Annotated[
        str, typer.Option("--device", help="What to call the device.")
    ] = "command line",
    data: Data = None,
) -> None:
    """Print a bearer token of a demo person."""
    settings = settings_for(data)
    if not settings.demo:
        print(
            "bawaba: tokens are printed in demo mode only: start `bawaba serve --demo` first",
            file=sys.stderr,
        )
        raise typer.Exit(2)
    found = {p.handle: p for p in boot.load_registry(boot.discover()).demo_people()}
    if person not in found:
        print(
            f"bawaba: no demo person {person!r}; there are: {', '.join(sorted(found))}",
            file=sys.stderr,
        )
        raise typer.Exit(2)
    print(issue_demo_token(settings, found[person], device))


def people(data: Data = None) -> None:
    """List the demo people."""
    settings_for(data)
    found = boot.load_registry(boot.discover()).demo_people()
    handle = Column("handle", no_wrap=True, overflow="fold")
    table = Table(handle, "name", "الاسم", Column("roles", overflow="fold"))
    for person in found:
        roles = ", ".join(
            g.role if g.scope == "*" else f"{g.role} of {g.scope}" for g in person.grants
        )
        table.add_row(person.handle, person.name.en, person.name.ar, roles or "citizen")
    _OUT.print(table)


def migrate(data: Data = None) -> None:
    """Bring the database up to date; safe to run from many machines at once."""
    settings = settings_for(data)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    apps = boot.model_apps(boot.load_registry(boot.discover()))
    applied = asyncio.run(run_migrations(settings.database, apps))
    print("\n".join(applied) or "nothing to do")


Transactions = Annotated[
    int | None,
    typer.Option(
        "--transactions",
        min=1,
        help="Load the past as so many single transactions, in place of sums; amounts in the same "
        "proportion, to the fils. Into fresh books, all or nothing.",
    ),
]


def demo_load(transactions: Transactions = None, data: Data = None) -> None:
    """Load the demo's data without serving; does nothing where it is loaded."""
    settings = settings_for(data, demo=True)

    async def load() -> None:
        with reporting() as progress:
            host = boot.build(settings)
            async with host.opened():
                await host.load_demo(progress, transactions)

    asyncio.run(load())


def live_renew(data: Data = None) -> None:
    """Make every cursor handed out so far lead to a snapshot; run it after a restore."""

    async def renew(_: Host) -> None:
        _OUT.print(f"{await renew_epochs()} topics renewed")

    run_in_host(data, renew)


def notifications_uncertain(data: Data = None) -> None:
    """List notices of which nobody can say whether they arrived, oldest first."""

    async def show(_: Host) -> None:
        for row in await uncertain():
            print(row["id"], row["messenger"], row["changed_at"], row["error"], sep="\t")

    run_in_host(data, show)


def jobs_list(data: Data = None) -> None:
    """List jobs that failed for good."""

    async def show(_: Host) -> None:
        table = Table("id", "job", "attempts", "due", "error")
        for job in await dead_letters():
            table.add_row(job.id, job.name, str(job.attempts), str(job.run_at), job.last_error)
        _OUT.print(table)

    run_in_host(data, show)


def jobs_requeue(
    job: Annotated[str, typer.Argument(help="A job's id, or a job's name for all of that name.")],
    data: Data = None,
) -> None:
    """Give a failed job, or all failed jobs of a name, another round of attempts."""

    async def again(_: Host) -> int:
        if "." in job:
            print(f"{await requeue_all(job)} requeued")
            return 0
        try:
            await requeue(job)
        except (LookupError, IllegalTransition) as error:
            print(f"bawaba: {error}", file=sys.stderr)
            return 1
        print("requeued")
        return 0

    raise typer.Exit(run_in_host(data, again) or 0)


Subject = Annotated[
    str, typer.Argument(help="The person's subject at the issuer; a handle in the demo.")
]
RoleName = Annotated[str, typer.Argument(help="A role; see schema/permissions.md.")]
Scope = Annotated[str, typer.Option("--scope", help="Code of an agency or body; * is everywhere.")]


def roles_grant(subject: Subject, role: RoleName, scope: Scope = "*", data: Data = None) -> None:
    """Give a person a role."""
    _change_role(data, lambda: grant_role(subject, role, scope))


def roles_withdraw(subject: Subject, role: RoleName, scope: Scope = "*", data: Data = None) -> None:
    """Take a role from a person."""
    _change_role(data, lambda: withdraw_role(subject, role, scope))


def _change_role(data: Path | None, change: Callable[[], Awaitable[bool]]) -> None:
    async def run(_: Host) -> int:
        try:
            print("done" if await change() else "nothing to change")
        except LookupError as error:
            print(f"bawaba: {error}", file=sys.stderr)
            return 1
        return 0

    raise typer.Exit(run_in_host(data, run) or 0)


def audit_verify(data: Data = None) -> None:
    """Check the audit trail; name the first broken entry."""

    async def check(_: Host) -> int:
        broken = await verify_audit()
        print("intact" if broken is None else f"broken: {broken}")
        return 0 if broken is None else 1

    raise typer.Exit(run_in_host(data, check) or 0)
