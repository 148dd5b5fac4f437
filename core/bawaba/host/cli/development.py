"""Verbs of developers: the published schema, plugins, settings, new migrations."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic_settings import BaseSettings
from rich.console import Console
from rich.table import Table

from bawaba.host import boot
from bawaba.host.cli.hosting import Data, run_in_host
from bawaba.host.host import Host
from bawaba.host.schema import export
from bawaba.host.schema.compose import compose
from bawaba.host.settings import Settings
from bawaba.host.storage.migrate import make_migration

_OUT = Console()
SchemaDir = Annotated[Path, typer.Option("--to", help="Folder of the published schema.")]
DocsDir = Annotated[Path, typer.Option("--docs", help="Folder of the generated pages.")]


def add_to(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    app.command()(plugins)
    app.command()(settings)
    for group, verbs, words in (
        ("schema", {"export": schema_export, "check": schema_check}, "The published contract."),
        ("migrations", {"make": migrations_make}, "Changes of the tables."),
    ):
        sub = typer.Typer(no_args_is_help=True)
        sub.callback()(_group)
        for name, verb in verbs.items():
            sub.command(name)(verb)
        app.add_typer(sub, name=group, help=words)


def _group() -> None:
    """Keep a group a group, even with a single verb."""


def schema_export(to: SchemaDir = Path("schema"), docs: DocsDir = Path("docs")) -> None:
    """Write the schema, its parts, permissions, errors, events, machines and hooks."""
    changed = export.write(_rendered(), to, docs)
    print("\n".join(map(str, changed)) or "nothing changed")


def schema_check(to: SchemaDir = Path("schema"), docs: DocsDir = Path("docs")) -> None:
    """Fail where the committed files differ from what would be generated."""
    found = export.differences(_rendered(), to, docs)
    for path, excerpt in found.items():
        print(f"{path} is not as generated:\n{excerpt}")
    if found:
        print(f"{len(found)} files differ. Mend: run `make generate`, read the change, commit it.")
        raise typer.Exit(1)
    print("the published schema is up to date")


def _rendered() -> dict[str, str]:
    return export.render(compose(boot.load_registry(boot.discover())))


def plugins(data: Data = None) -> None:
    """List the loaded plugins and how they are doing."""

    async def show(host: Host) -> int:
        healthy = await host.runtime.health.statuses()
        table = Table("name", "version", "prefix", "health", "title", "العنوان")
        for plugin in host.runtime.registry.plugins:
            who = plugin.manifest
            health = "healthy" if healthy[who.name] else "UNHEALTHY"
            table.add_row(who.name, who.version, who.prefix, health, who.title.en, who.title.ar)
        _OUT.print(table)
        return 0 if all(healthy.values()) else 1

    raise typer.Exit(run_in_host(data, show) or 0)


def settings() -> None:
    """List every environment variable with its meaning and default; asks no database."""
    for name, kind in _settings_classes():
        print(f"# {name}")
        for variable, default, meaning in _rows(kind):
            print(f"{variable}={default}\n    {meaning}")


def _settings_classes() -> Iterator[tuple[str, type[BaseSettings]]]:
    yield "bawaba", Settings
    for plugin, kind in boot.load_registry(boot.discover()).ones("declare_settings"):
        yield plugin.name, kind


def _rows(kind: type[BaseSettings]) -> Iterator[tuple[str, str, str]]:
    prefix = kind.model_config.get("env_prefix", "")
    for name, field in kind.model_fields.items():
        alias = field.validation_alias
        variable = alias if isinstance(alias, str) else f"{prefix}{name}"
        default = _shown(field.get_default(call_default_factory=True))
        yield variable.upper(), default, field.description or ""


def _shown(default: Any) -> str:
    """Return a default as an operator would write it; an empty one shows as nothing."""
    if isinstance(default, bool):
        return "1" if default else "0"
    if isinstance(default, list | tuple):
        return ",".join(map(str, default))
    return "" if default is None else str(default)


def migrations_make(
    plugin: Annotated[str, typer.Argument(help="A plugin's name; see `bawaba plugins`.")],
    name: Annotated[str, typer.Argument(help="What changes, in words joined by _.")],
) -> None:
    """Write the migration that takes a plugin's tables to the form of its models."""
    registry = boot.load_registry(boot.discover())
    declared = {loaded.name: models for loaded, models in registry.ones("declare_models")}
    if plugin not in declared:
        print(f"bawaba: no plugin {plugin!r} with models; there are: {', '.join(sorted(declared))}")
        raise typer.Exit(2)
    apps = boot.model_apps(registry)
    app = next(app for app in apps if app.models == declared[plugin].module)
    written = asyncio.run(make_migration(app, apps, name))
    print(written or "nothing to write: the models and their migrations agree")
