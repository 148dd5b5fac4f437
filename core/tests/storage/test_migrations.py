"""Migrations: applied once, refused in time, and leaving real constraints behind."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import bawaba
import pytest
from bawaba import db
from bawaba.host.storage import guard
from bawaba.host.storage.database import Database, ModelApp
from bawaba.host.storage.migrate import drift, make_migration, migrate, pending
from sample_app.models import Account, Line
from tortoise import fields
from tortoise.exceptions import IntegrityError
from tortoise.fields.db_defaults import Now
from tortoise.migrations import Migration
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

HERE = Path(__file__).parent
SAMPLE = ModelApp("sample", "sample_app.models", "sample_app.migrations")


async def test_migrate_then_nothing_is_pending(url: str) -> None:
    seen: list[tuple[str, str, str]] = []
    assert await pending(url, [SAMPLE]) == ["sample.0001_initial"]
    done = await migrate(url, [SAMPLE], progress=lambda *event: seen.append(event))
    assert done == ["sample.0001_initial"]
    assert seen == [("start", "sample", "0001_initial"), ("done", "sample", "0001_initial")]
    assert await migrate(url, [SAMPLE]) == []
    assert await pending(url, [SAMPLE]) == []
    assert await drift(url, [SAMPLE]) == []


async def test_no_connection_is_left_open(postgres_url: str) -> None:
    await migrate(postgres_url, [SAMPLE])
    admin = await asyncpg.connect(postgres_url)
    try:
        others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        for _ in range(50):
            if await admin.fetchval(others) == 1:
                return
            await asyncio.sleep(0.02)
        pytest.fail("a connection was left open")
    finally:
        await admin.close()


async def test_six_processes_at_once(url: str) -> None:
    assert bawaba.__path__
    path = os.pathsep.join([str(HERE), str(Path(bawaba.__path__[0]).parent)])
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            str(HERE / "migrate_once.py"),
            url,
            env={**os.environ, "PYTHONPATH": path},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        for _ in range(6)
    ]
    outputs = await asyncio.gather(*(process.communicate() for process in processes))
    failures = [
        err.decode() for (_, err), p in zip(outputs, processes, strict=True) if p.returncode
    ]
    assert failures == []
    assert (
        sorted(out.decode().strip() for out, _ in outputs)
        == ["['sample.0001_initial']"] + ["[]"] * 5
    )


async def test_constraints_are_real(database: Database) -> None:
    with database.bound():
        first = await Account.create(code="a", number=1)
        insert = "INSERT INTO sample_account (code, number, balance, branch, state) VALUES"
        violations = {
            "unique": f"{insert} ('a', 2, 0, 'main', 'x')",
            "unique_together": f"{insert} ('b', 1, 0, 'main', 'open')",
            "check on insert": f"{insert} ('b', 2, -1, 'main', 'open')",
            "check on update": "UPDATE sample_account SET balance = -1",
            "not null": f"{insert} (NULL, 2, 0, 'main', 'open')",
            "foreign key": "INSERT INTO sample_line (account_id, amount) VALUES (999, 1)",
        }
        for statement in violations.values():
            with pytest.raises(IntegrityError):
                await db.execute(statement)
        await db.execute(f"{insert} ('f', 10, 0, 'main', 'frozen')")
        with pytest.raises(IntegrityError):
            await db.execute(f"{insert} ('g', 11, 0, 'main', 'frozen')")
        await db.execute(f"{insert} ('h', 12, 0, 'other', 'frozen')")
        await Line.create(account=first, amount=1)
        with pytest.raises(IntegrityError):
            await first.delete()


async def test_constraints_by_name(database: Database) -> None:
    catalogue = {
        "sqlite": "SELECT name FROM sqlite_master WHERE tbl_name LIKE 'sample%'",
        "postgres": "SELECT conname AS name FROM pg_constraint"
        " UNION SELECT indexname FROM pg_indexes UNION SELECT tgname FROM pg_trigger",
    }
    with database.bound():
        names = {row["name"] for row in await db.fetch(catalogue[database.dialect])}
    check = "ck_sample_balance" + ("_INSERT" if database.dialect == "sqlite" else "")
    assert {"uq_sample_code_state", "uq_sample_frozen", check} <= names
    assert any(name.startswith("idx_sample_acco_state") for name in names)
    assert any(name.startswith("sample_line_append_only") for name in names)


async def test_append_only(database: Database) -> None:
    with database.bound():
        account = await Account.create(code="a", number=1)
        line = await Line.create(account=account, amount=1)
        statements = ["UPDATE sample_line SET amount = 2", "DELETE FROM sample_line"]
        if database.dialect == "postgres":
            statements.append("TRUNCATE sample_line")
        for statement in statements:
            with pytest.raises(IntegrityError, match="append-only"):
                await db.execute(statement)
        with pytest.raises(IntegrityError):
            await line.delete()
        assert await Line.all().count() == 1


def _migration(*operations: Any, allows: tuple[str, ...] = ()) -> Migration:
    kind = type("Migration", (Migration,), {"operations": operations, "bawaba_allows": allows})
    migration: Migration = kind("0002_change", "sample")
    return migration


REFUSED: dict[str, Any] = {
    "alter": ops.AlterField("Account", "code", fields.CharField(max_length=30)),
    "remove": ops.RemoveField("Account", "code"),
    "check": ops.AddConstraint("Account", CheckConstraint(check="number > 0", name="ck")),
    "partial": ops.AddConstraint("Account", UniqueConstraint(("code",), "uq", "number > 0")),
    "not null": ops.AddField("Account", "kind", fields.CharField(max_length=3)),
    "expression": ops.AddField("Account", "at", fields.DatetimeField(db_default=Now())),
    "relation": ops.AddField("Line", "by", fields.ForeignKeyField("sample.Account")),
    "index": ops.AddField("Account", "kind", fields.IntField(null=True, db_index=True)),
    "rename": ops.RenameField("Account", "code", "name"),
    "drop": ops.DeleteModel("Account"),
    "constraint": ops.RemoveConstraint("Account", name="uq_sample_code_state"),
    "options": ops.CreateModel(
        "New",
        [("id", fields.IntField(primary_key=True))],
        {"table": "new", "constraints": [CheckConstraint(check="id > 0", name="ck")]},
    ),
}


@pytest.mark.parametrize("what", REFUSED)
@pytest.mark.parametrize("dialect", ["sqlite", "postgres"])
def test_the_guard_refuses(what: str, dialect: Any) -> None:
    with pytest.raises(guard.MigrationRefused) as caught:
        guard.check([_migration(REFUSED[what])], dialect)
    [refusal] = caught.value.refusals
    assert (refusal.app, refusal.migration) == ("sample", "0002_change")
    assert refusal.mend
    assert refusal.mend in str(caught.value)


def test_a_reviewed_removal_passes_on_postgres_only() -> None:
    reviewed = _migration(REFUSED["remove"], allows=("RemoveField",))
    guard.check([reviewed], "postgres")
    with pytest.raises(guard.MigrationRefused):
        guard.check([reviewed], "sqlite")


APP = """
from tortoise import fields
from bawaba.db import CheckConstraint, Table

class Parcel(Table):
    id = fields.IntField(primary_key=True)
    weight = fields.IntField()
{extra}
    class Meta:
        table = "made_parcel"
        constraints = [CheckConstraint(check="weight > 0", name="ck_made_weight"){more}]
"""


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An importable package `made_app` whose models a test may rewrite."""
    package = tmp_path / "made_app"
    (package / "migrations").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "migrations" / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield package
    _forget()


def _forget() -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "made_app"]:
        del sys.modules[name]


def _declare(package: Path, extra: str = "", more: str = "") -> None:
    (package / "models.py").write_text(APP.format(extra=extra, more=more))
    _forget()


async def test_make_and_change(url: str, made: Path) -> None:
    app = ModelApp("made", "made_app.models", "made_app.migrations")
    _declare(made)
    assert await drift(url, [app]) != []
    assert await make_migration(app, [app], "initial") == made / "migrations" / "0001_initial.py"
    _forget()
    assert await make_migration(app, [app], "nothing") is None
    assert await migrate(url, [app]) == ["made.0001_initial"]

    _declare(
        made,
        "    tag = fields.CharField(max_length=9, null=True, db_index=True)\n",
        ', CheckConstraint(check="weight < 100", name="ck_made_heavy")',
    )
    path = await make_migration(app, [app], "Tag it")
    assert path is not None
    assert path.name == "0002_tag_it.py"
    _forget()
    assert await drift(url, [app]) == []
    assert await migrate(url, [app]) == ["made.0002_tag_it"]
    database = Database(url, [app])
    await database.open()
    try:
        with database.bound():
            await db.execute("INSERT INTO made_parcel (weight, tag) VALUES (5, 'x')")
            for weight in (0, 100):
                with pytest.raises(IntegrityError):
                    await db.execute("INSERT INTO made_parcel (weight) VALUES ($1)", weight)
    finally:
        await database.close()


async def test_a_refused_or_broken_migration_leaves_nothing(url: str, made: Path) -> None:
    app = ModelApp("made", "made_app.models", "made_app.migrations")
    _declare(made)
    first = await make_migration(app, [app], "initial")
    assert first is not None
    text = first.read_text()
    first.write_text(text.replace("weight > 0", "no_such_column > 0"))
    _forget()
    with pytest.raises(Exception, match="no_such_column"):
        await migrate(url, [app])
    assert await pending(url, [app]) == ["made.0001_initial"]
    first.write_text(text)
    second = made / "migrations" / "0002_drop.py"
    second.write_text(
        "from tortoise import migrations\nfrom tortoise.migrations import operations as ops\n"
        "class Migration(migrations.Migration):\n"
        "    dependencies = [('made', '0001_initial')]\n"
        "    operations = [ops.RemoveField('Parcel', 'weight')]\n"
    )
    _forget()
    with pytest.raises(guard.MigrationRefused, match="0002_drop"):
        await migrate(url, [app])
    assert await pending(url, [app]) == ["made.0001_initial", "made.0002_drop"]
    second.unlink()
    _forget()
    assert await migrate(url, [app]) == ["made.0001_initial"]
