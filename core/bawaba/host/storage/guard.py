"""Refusals, before anything runs, of migrations that would lose data or constraints.

On SQLite, Tortoise 1.1.9 carries out AlterField, RemoveField and CHECK by copying the table: the
copy has lost its unique and secondary indexes and its triggers, and dropping the original deletes
the rows that refer to it. Elsewhere these operations lose a column, or lock a large table.

A reviewed migration may state what it means to do: ``bawaba_allows = ("RemoveField",)`` on the
Migration class. That lets it pass on PostgreSQL; what rebuilds a table never passes on SQLite.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tortoise.fields.relational import ForeignKeyFieldInstance, ManyToManyFieldInstance
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import CheckConstraint

from bawaba.host.storage.database import Dialect
from bawaba.host.storage.operations import add_index, operation_for


@dataclass(frozen=True)
class Refusal:
    """One operation that must not run, and what to do in place of it."""

    app: str
    migration: str
    operation: str
    mend: str

    def __str__(self) -> str:
        """One line, for people."""
        return f"{self.app}.{self.migration}: {self.operation}: {self.mend}"


class MigrationRefused(Exception):
    """Nothing was run. ``refusals`` says why and what to do, one by one."""

    def __init__(self, refusals: Iterable[Refusal]) -> None:
        self.refusals = tuple(refusals)
        super().__init__("refused to migrate:\n" + "\n".join(f"  {r}" for r in self.refusals))


_ADD_BESIDE = (
    "add a new column beside it (AddField), copy with an UPDATE, and leave the old one until a "
    "later release; on PostgreSQL a reviewed migration may say bawaba_allows = ({name!r},)"
)
_RENAME = (
    "the version still running does not know the new name; once reviewed, say "
    "bawaba_allows = ({name!r},) on the Migration class"
)
#: Operations that rebuild a table on SQLite or cannot be done there at all.
_REBUILDS = (ops.AlterField, ops.RemoveField, ops.RemoveConstraint, ops.RenameConstraint)
#: Operations that work on both, but break whatever version of the program is still running.
_BREAKS = (ops.RenameField, ops.RenameModel, ops.DeleteModel)


def check(migrations: Iterable[Any], dialect: Dialect) -> None:
    """Raise ``MigrationRefused`` if any of these Tortoise ``Migration`` objects must not run."""
    refusals = [r for migration in migrations for r in _refusals(migration, dialect)]
    if refusals:
        raise MigrationRefused(refusals)


def _refusals(migration: Any, dialect: Dialect) -> Iterable[Refusal]:
    allowed = set(getattr(migration, "bawaba_allows", ()))
    indexed = {(op.table, op.columns) for op in migration.operations if isinstance(op, add_index)}
    for operation in migration.operations:
        name = type(operation).__name__
        if isinstance(operation, _REBUILDS):
            if dialect == "sqlite" or name not in allowed:
                mend: str | None = _ADD_BESIDE.format(name=name)
            else:
                mend = None
        elif isinstance(operation, _BREAKS):
            mend = None if name in allowed else _RENAME.format(name=name)
        elif isinstance(operation, ops.CreateModel):
            mend = _create(operation)
        elif isinstance(operation, ops.AddConstraint):
            mend = _constraint(operation)
        elif isinstance(operation, ops.AddField):
            mend = _field(operation, {columns for _, columns in indexed})
        else:
            mend = None
        if mend is not None:
            yield Refusal(migration.app_label, migration.name, operation.describe(), mend)


def _create(operation: ops.CreateModel) -> str | None:
    if (operation.options or {}).get("constraints"):
        return (
            "CreateModel does not create the constraints in its options: take them out, and follow "
            "it with check_constraint, partial_unique or AddConstraint (`bawaba migrations make`)"
        )
    return None


def _constraint(operation: ops.AddConstraint) -> str | None:
    if isinstance(operation.constraint, CheckConstraint):
        return "use bawaba.db.check_constraint(table, name, sql), which rebuilds nothing on SQLite"
    if operation_for("", operation.constraint) is not None:
        return "use bawaba.db.partial_unique(table, name, columns, where), which SQLite knows too"
    return None


def _field(operation: ops.AddField, indexed: set[tuple[str, ...]]) -> str | None:
    field: Any = operation.field
    if isinstance(field, ManyToManyFieldInstance):
        return None
    relation = isinstance(field, ForeignKeyFieldInstance)
    if relation and not field.null:
        return "a foreign key added to an existing table needs null=True"
    if not field.null and not field.has_db_default():
        return "a column added to an existing table needs null=True or db_default=…"
    if field.has_db_default() and hasattr(field.db_default, "get_sql"):
        return "SQLite adds no column whose default is an expression: use null=True or a constant"
    column = field.source_field or (f"{operation.name}_id" if relation else operation.name)
    if field.index and (column,) not in indexed:
        return f"AddField makes no index: follow it with bawaba.db.add_index(table, ({column!r},))"
    return None
