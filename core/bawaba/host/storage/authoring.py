"""Writing a new migration from the models, and noticing models that have none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from tortoise.context import TortoiseContext, _current_context
from tortoise.fields.relational import ForeignKeyFieldInstance, ManyToManyFieldInstance
from tortoise.migrations import operations as ops
from tortoise.migrations.autodetector import MigrationAutodetector
from tortoise.migrations.constraints import UniqueConstraint
from tortoise.migrations.writer import ImportManager, MigrationWriter, format_migration_name

from bawaba.host.storage.database import ModelApp, tortoise_config
from bawaba.host.storage.operations import TableOperation, add_index, operation_for


async def make_migration(app: ModelApp, all_apps: Sequence[ModelApp], name: str) -> Path | None:
    """Write the migration that takes ``app`` to its models' present form; None if none is needed.

    Nothing is connected to. Read the file before you keep it: the guard refuses what is dangerous
    when it is run, not when it is written. ``name`` becomes ``0002_<name>``; the first is
    ``0001_initial``.
    """
    for writer, tables in await _changes(all_apps):
        if writer.app_label != app.label:
            continue
        if not writer.initial:
            writer.name = format_migration_name(int(writer.name[:4]), name)
        path = writer.path()
        operations = list(_completed(writer.operations, tables))
        text = _Writer.like(writer, operations).as_string()
        path.write_text(text.replace("\nclass ", "\n\nclass "), encoding="utf-8")
        return path
    return None


async def drift(url: str, apps: Sequence[ModelApp]) -> list[str]:
    """What the models say that no migration does, one sentence each; empty when all is written.

    Compares code with code: the database behind ``url`` is not asked (see ``pending`` for that).
    """
    del url
    return [
        f"{writer.app_label}: {operation.describe()}"
        for writer, tables in await _changes(apps)
        for operation in _completed(writer.operations, tables)
    ]


async def _changes(
    apps: Sequence[ModelApp],
) -> list[tuple[MigrationWriter, dict[str, str]]]:
    """For each app with changes, Tortoise's writer and the tables of its models by name."""
    config = tortoise_config("sqlite://:memory:", apps)
    context = TortoiseContext()
    with _current(context):
        await context.init(config=config, init_connections=False)
        detector = MigrationAutodetector(cast("Any", context.apps), config["apps"])
        writers = await detector.changes()
        return [(writer, _tables(context, writer.app_label)) for writer in writers]


def _tables(context: TortoiseContext, label: str) -> dict[str, str]:
    models: Any = dict(context.apps.items())[label] if context.apps is not None else {}
    return {name: model._meta.db_table for name, model in models.items()}  # noqa: SLF001


@contextmanager
def _current(context: TortoiseContext) -> Iterator[None]:
    token = _current_context.set(context)
    try:
        yield
    finally:
        _current_context.reset(token)


def _completed(operations: Sequence[Any], tables: dict[str, str]) -> Iterator[Any]:
    """Tortoise's operations, with those that it would leave out or do dangerously put right."""
    later: list[Any] = []
    for operation in operations:
        if isinstance(operation, ops.CreateModel):
            options = dict(operation.options or {})
            constraints = options.pop("constraints", None) or ()
            _refuse_semicolon(operation.name, options)
            fields = [(name, _explicit(field)) for name, field in operation.fields]
            yield ops.CreateModel(operation.name, fields, options, operation.bases)
            later += [_added(operation.name, tables[operation.name], c) for c in constraints]
        elif isinstance(operation, ops.AddConstraint):
            table = tables[operation.model_name]
            later.append(_added(operation.model_name, table, operation.constraint))
        elif isinstance(operation, ops.AddField):
            yield operation
            index = _index(tables[operation.model_name], operation)
            later += [index] if index is not None else []
        else:
            yield operation
    yield from later


def _refuse_semicolon(model: str, options: dict[str, Any]) -> None:
    """Tortoise cuts SQLite's statements at every semicolon, those in comments too."""
    if ";" in (options.get("table_description") or ""):
        raise ValueError(f"{model}: its docstring becomes SQL; write it without a semicolon")


def _explicit(field: Any) -> Any:
    """Have an integer key that the database does not generate written as such."""
    if field.pk and field.allows_generated and not field.generated:
        path, args, kwargs = field.deconstruct()
        field.deconstruct = lambda: (path, args, {**kwargs, "generated": False})
    return field


def _added(model: str, table: str, constraint: Any) -> Any:
    if isinstance(constraint, UniqueConstraint) and not constraint.name:
        return ops.AddConstraint(model, constraint)
    return operation_for(table, constraint) or ops.AddConstraint(model, constraint)


def _index(table: str, operation: ops.AddField) -> add_index | None:
    field: Any = operation.field
    if isinstance(field, ManyToManyFieldInstance) or not field.index:
        return None
    relation = isinstance(field, ForeignKeyFieldInstance)
    column = field.source_field or (f"{operation.name}_id" if relation else operation.name)
    return add_index(table, (column,))


class _Writer(MigrationWriter):
    """Tortoise's writer, which also knows how to write our operations."""

    @classmethod
    def like(cls, writer: MigrationWriter, operations: list[Any]) -> _Writer:
        return cls(
            writer.name,
            writer.app_label,
            operations,
            dependencies=writer.dependencies,
            initial=writer.initial,
            migrations_module=writer.migrations_module,
        )

    def _format_operation(
        self, operation: Any, imports: ImportManager, *, indent: str
    ) -> list[str]:
        if not isinstance(operation, TableOperation):
            return super()._format_operation(operation, imports, indent=indent)
        verb = type(operation).__name__
        imports.add_from("bawaba.db", verb)
        lines = [f"{indent}    {key}={value!r}," for key, value in operation.arguments().items()]
        return [f"{indent}{verb}(", *lines, f"{indent}),"]
