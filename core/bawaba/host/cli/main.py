"""``bawaba``: the verbs of operators, of the demo and of plugins."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from inspect import signature
from pathlib import Path
from typing import Any

import typer

from bawaba.errors import BootError
from bawaba.host import boot
from bawaba.host.cli import corresponding, development, operations, serving
from bawaba.host.cli.hosting import Data, run_in_host
from bawaba.plugin import Command


def main() -> None:
    """Run the command line; boot errors end it with one sentence and code 2."""
    try:
        modules = boot.discover()
        _application(modules)()
    except BootError as error:
        print(f"bawaba: {error}", file=sys.stderr)
        raise SystemExit(2) from None


def _application(modules: dict[str, Any]) -> typer.Typer:
    app = typer.Typer(
        name="bawaba",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
        help="One GraphQL gateway for a country's e-government services.",
    )
    serving.add_to(app)
    operations.add_to(app)
    corresponding.add_to(app)
    development.add_to(app)
    groups: dict[str, typer.Typer] = {}
    registry = boot.load_registry(modules)
    for command in registry.all("declare_commands"):
        if command.group not in groups:
            groups[command.group] = typer.Typer(no_args_is_help=True)
            app.add_typer(
                groups[command.group], name=command.group, help=f"Verbs of {command.group}."
            )
        groups[command.group].command(command.name, help=command.help)(_runner(command))
    return app


def _runner(command: Command) -> Callable[..., None]:
    """Return a synchronous function with the command's options and ``--data``."""

    @wraps(command.run)
    def run(*arguments: Any, data: Path | None = None, **options: Any) -> None:
        code = run_in_host(data, lambda _: command.run(*arguments, **options))
        raise typer.Exit(code or 0)

    plan = signature(command.run, eval_str=True)
    extra = signature(_data_option, eval_str=True).parameters["data"]
    run.__signature__ = plan.replace(parameters=[*plan.parameters.values(), extra])  # type: ignore[attr-defined]
    run.__annotations__ = {name: p.annotation for name, p in run.__signature__.parameters.items()}  # type: ignore[attr-defined]
    del run.__wrapped__
    return run


def _data_option(*, data: Data = None) -> None:
    """Hold the option's declaration for :func:`_runner`."""
