"""Migration operations which mean the same on both databases.

How to declare constraints, so that both databases really have them (each verified by a test):

==========================================  =====================================================
declaration in the model                    in the migration (``bawaba migrations make`` writes it)
==========================================  =====================================================
``unique=True``, ``OneToOneField``          in ``CreateModel``
``Meta.unique_together``                    in ``CreateModel``; later: ``ops.AddConstraint``
``ForeignKeyField(on_delete=RESTRICT)``     in ``CreateModel``; later: ``ops.AddField``, null=True
``index=True``, ``Meta.indexes``            in ``CreateModel``; later: ``ops.AddIndex``, or
                                            ``add_index`` after an ``AddField`` with an index
``Meta.constraints = [UniqueConstraint(     ``ops.AddConstraint`` (``CreateModel`` ignores them)
fields=.., name=..)]``
.. the same with ``condition="sql"``        ``partial_unique``
``Meta.constraints = [CheckConstraint(      ``check_constraint``
check="sql", name=..)]``
nothing                                     ``append_only``, ``search_index``
==========================================  =====================================================

The SQL of a check or condition must be valid on both: plain comparisons, AND, OR, IN, IS NULL,
length(). A violation is Tortoise's ``IntegrityError`` on both.
"""

from __future__ import annotations

# ruff: noqa: D102, ARG002, N801, S608, SLF001 - Tortoise's protocol; the SQL is the migration
# author's own
from collections.abc import Iterable, Sequence
from typing import Any, cast

from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.migrations.operations import TortoiseOperation


class TableOperation(TortoiseOperation):
    """Runs one list of statements on PostgreSQL and another one on SQLite; nothing to undo."""

    reversible = False
    table: str

    async def postgres(self) -> list[str]:
        """Statements for PostgreSQL."""
        raise TypeError(f"{type(self).__name__} says nothing for PostgreSQL")

    async def sqlite(self, client: Any) -> list[str]:
        """Statements for SQLite."""
        raise TypeError(f"{type(self).__name__} says nothing for SQLite")

    async def database_forward(
        self, app_label: str, old_state: Any, new_state: Any, state_editor: Any = None
    ) -> None:
        if state_editor is None:
            return
        client = state_editor.client
        on_sqlite = client.capabilities.dialect == "sqlite"
        statements = await (self.sqlite(client) if on_sqlite else self.postgres())
        for statement in statements:
            if state_editor.collect_sql:
                state_editor.collected_sql.append(statement)
            else:
                # Not the editor's own runner: on SQLite it splits at every semicolon.
                await client.execute_query(statement)

    def arguments(self) -> dict[str, Any]:
        """What a migration file writes between the parentheses."""
        raise TypeError(f"{type(self).__name__} does not say how it is written")

    def _declare(self, app_label: str, state: Any, constraint: object) -> None:
        """Let the migration state know a constraint, so that the model's own matches it."""
        for (label, name), model in state.models.items():
            if label == app_label and model.table == self.table:
                known = [*(model.options.get("constraints") or ())]
                if constraint not in known:
                    model.options["constraints"] = [*known, constraint]
                    # No reload of it and its relatives: nothing else of the model changes.
                    state.apps.get_model(app_label, name)._meta.constraints = (*known, constraint)
                return


class check_constraint(TableOperation):
    """Refuse rows of ``table`` for which ``sql`` is false. ``name`` appears in the error.

    PostgreSQL: CHECK. SQLite: triggers, because it can add a CHECK only by rebuilding the table.
    """

    def __init__(self, table: str, name: str, sql: str) -> None:
        self.table, self.name, self.sql = table, name, sql

    def describe(self) -> str:
        return f"Check {self.name} on {self.table}"

    def arguments(self) -> dict[str, Any]:
        return {"table": self.table, "name": self.name, "sql": self.sql}

    def state_forward(self, app_label: str, state: Any) -> None:
        self._declare(app_label, state, CheckConstraint(check=self.sql, name=self.name))

    async def postgres(self) -> list[str]:
        return [f'ALTER TABLE "{self.table}" ADD CONSTRAINT "{self.name}" CHECK ({self.sql})']

    async def sqlite(self, client: Any) -> list[str]:
        columns = await client.execute_query_dict(f'PRAGMA table_info("{self.table}")')
        row = ", ".join(f'NEW."{c["name"]}" AS "{c["name"]}"' for c in columns)
        message = _quoted(f"CHECK constraint failed: {self.name}")
        body = f"SELECT RAISE(ABORT, {message}) FROM (SELECT {row}) WHERE NOT ({self.sql})"
        existing = await client.execute_query_dict(
            f'SELECT 1 AS bad FROM "{self.table}" WHERE NOT ({self.sql}) LIMIT 1'
        )
        if existing:
            raise ValueError(f"{self.table} has rows which violate {self.name}: mend them first")
        return [
            f'CREATE TRIGGER "{self.name}_{verb}" AFTER {verb} ON "{self.table}" '
            f"FOR EACH ROW BEGIN {body}; END"
            for verb in ("INSERT", "UPDATE")
        ]


class partial_unique(TableOperation):
    """At most one row of ``table`` with the same ``columns`` among those where ``where`` holds.

    ``columns`` are database columns (``payer_id``, not ``payer``).
    """

    def __init__(self, table: str, name: str, columns: Sequence[str], where: str) -> None:
        self.table, self.name, self.columns, self.where = table, name, tuple(columns), where

    def describe(self) -> str:
        return f"Partial unique {self.name} on {self.table}"

    def arguments(self) -> dict[str, Any]:
        return {
            "table": self.table,
            "name": self.name,
            "columns": self.columns,
            "where": self.where,
        }

    def state_forward(self, app_label: str, state: Any) -> None:
        constraint = UniqueConstraint(fields=self.columns, name=self.name, condition=self.where)
        self._declare(app_label, state, constraint)

    def _statement(self) -> str:
        columns = _columns(self.columns)
        return f'CREATE UNIQUE INDEX "{self.name}" ON "{self.table}" ({columns}) WHERE {self.where}'

    async def postgres(self) -> list[str]:
        return [self._statement()]

    async def sqlite(self, client: Any) -> list[str]:
        return [self._statement()]


class add_index(TableOperation):
    """An index for a field that came with ``AddField``, which makes none itself."""

    def __init__(self, table: str, columns: Sequence[str]) -> None:
        self.table, self.columns = table, tuple(columns)

    def describe(self) -> str:
        return f"Index {self.table} by {', '.join(self.columns)}"

    def arguments(self) -> dict[str, Any]:
        return {"table": self.table, "columns": self.columns}

    def _statement(self) -> str:
        name = f"idx_{self.table}_{'_'.join(self.columns)}"[:63]
        return f'CREATE INDEX "{name}" ON "{self.table}" ({_columns(self.columns)})'

    async def postgres(self) -> list[str]:
        return [self._statement()]

    async def sqlite(self, client: Any) -> list[str]:
        return [self._statement()]


class append_only(TableOperation):
    """Refuse UPDATE, DELETE and (PostgreSQL) TRUNCATE of ``table``: for books and audit trails.

    A guard against mistakes, not against the owner of the table, who can drop the trigger.
    """

    def __init__(self, table: str) -> None:
        self.table = table

    def describe(self) -> str:
        return f"Make {self.table} append-only"

    def arguments(self) -> dict[str, Any]:
        return {"table": self.table}

    async def postgres(self) -> list[str]:
        function = (
            "CREATE OR REPLACE FUNCTION bawaba_append_only() RETURNS trigger LANGUAGE plpgsql "
            "AS $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME "
            "USING ERRCODE = 'integrity_constraint_violation'; END $$"
        )
        rows = (
            f'CREATE TRIGGER "{self.table}_append_only" BEFORE UPDATE OR DELETE ON "{self.table}" '
            "FOR EACH ROW EXECUTE FUNCTION bawaba_append_only()"
        )
        table = (
            f'CREATE TRIGGER "{self.table}_no_truncate" BEFORE TRUNCATE ON "{self.table}" '
            "FOR EACH STATEMENT EXECUTE FUNCTION bawaba_append_only()"
        )
        return [function, rows, table]

    async def sqlite(self, client: Any) -> list[str]:
        message = _quoted(f"{self.table} is append-only")
        return [
            f'CREATE TRIGGER "{self.table}_append_only_{verb}" BEFORE {verb} ON "{self.table}" '
            f"FOR EACH ROW BEGIN SELECT RAISE(ABORT, {message}); END"
            for verb in ("UPDATE", "DELETE")
        ]


class search_index(TableOperation):
    """Full text over one column of ``table``, whose primary key ``key`` is an integer.

    PostgreSQL: GIN over the words as they stand (``simple``). SQLite: FTS5 beside the table, kept
    by triggers. Neither stems: store words that are folded already, separated by spaces, and the
    two find the same. Ask with ``db.matching``. ``often``: a condition on the rows that are asked
    for most; PostgreSQL gives them a small index of their own.
    """

    def __init__(self, table: str, key: str, column: str, often: str | None = None) -> None:
        self.table, self.key, self.column, self.often = table, key, column, often

    def describe(self) -> str:
        return f"Full text over {self.table}.{self.column}"

    def arguments(self) -> dict[str, Any]:
        more = {"often": self.often} if self.often else {}
        return {"table": self.table, "key": self.key, "column": self.column, **more}

    async def postgres(self) -> list[str]:
        name = f"{self.table}_{self.column}_fts"
        words = f"to_tsvector('simple', \"{self.column}\")"
        whole = f'CREATE INDEX "{name}" ON "{self.table}" USING gin ({words})'
        if self.often is None:
            return [whole]
        part = f'CREATE INDEX "{name}_often" ON "{self.table}" USING gin ({words})'
        return [whole, f"{part} WHERE {self.often}"]

    async def sqlite(self, client: Any) -> list[str]:
        name, column, key = f"{self.table}_{self.column}_fts", self.column, self.key
        remove = (
            f'INSERT INTO "{name}"("{name}", rowid, "{column}") '
            f'VALUES (\'delete\', old."{key}", old."{column}");'
        )
        add = f'INSERT INTO "{name}"(rowid, "{column}") VALUES (new."{key}", new."{column}");'
        steps = {
            "INSERT": add,
            "DELETE": remove,
            f'UPDATE OF "{column}"': f"{remove} {add}",
        }
        options = f"content='{self.table}', content_rowid='{key}'"
        tokens = "tokenize='unicode61 remove_diacritics 0'"
        return [
            f'CREATE VIRTUAL TABLE "{name}" USING fts5("{column}", {options}, {tokens})',
            *(
                f'CREATE TRIGGER "{name}_{verb[:6].lower()}" AFTER {verb} ON "{self.table}" BEGIN '
                f"{step} END"
                for verb, step in steps.items()
            ),
        ]


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _columns(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def operation_for(table: str, constraint: object) -> TableOperation | None:
    """The operation that creates a declared constraint; None if ``AddConstraint`` itself does."""
    if isinstance(constraint, CheckConstraint):
        return check_constraint(table, constraint.name, constraint.check)
    if isinstance(constraint, UniqueConstraint) and constraint.condition:
        name = cast("str", constraint.name)
        return partial_unique(table, name, constraint.fields, constraint.condition)
    return None
