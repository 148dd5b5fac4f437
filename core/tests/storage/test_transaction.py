"""Transactions: joining, failing, committing, locking, raw statements."""

from __future__ import annotations

# ruff: noqa: PT012, TRY301 - what raises is the end of the transaction
import asyncio

import pytest
from bawaba import db
from bawaba.host.storage.database import Database
from bawaba.host.storage.migrate import migrate_open
from sample_app.models import Account
from tortoise.exceptions import IntegrityError


async def balance(code: str = "a") -> int:
    rows = await db.fetch("SELECT balance FROM sample_account WHERE code = $1", code)
    value: int = rows[0]["balance"]
    return value


async def test_commit_and_rollback(database: Database) -> None:
    with database.bound():
        async with db.transaction():
            await Account.create(code="a", number=1)
        with pytest.raises(KeyError):
            async with db.transaction():
                await Account.create(code="b", number=2)
                raise KeyError
        assert await Account.all().values_list("code", flat=True) == ["a"]
        assert not db.in_transaction()


async def test_a_nested_block_joins(database: Database) -> None:
    with database.bound():
        with pytest.raises(KeyError):
            async with db.transaction():
                async with db.transaction():
                    await Account.create(code="a", number=1)
                assert db.in_transaction()
                raise KeyError
        assert await Account.all().count() == 0


async def test_a_failed_joined_block_dooms_the_outer(database: Database) -> None:
    with database.bound():
        with pytest.raises(db.TransactionFailed):
            async with db.transaction():
                await Account.create(code="a", number=1)
                try:
                    async with db.transaction():
                        raise KeyError
                except KeyError:
                    pass
        assert await Account.all().count() == 0


async def test_a_swallowed_failure_is_never_committed(database: Database) -> None:
    calls: list[str] = []
    with database.bound():
        with pytest.raises(db.TransactionFailed):
            async with db.transaction():
                db.after_commit(lambda: calls.append("no"))
                await Account.create(code="a", number=1)
                with pytest.raises(IntegrityError):
                    await Account.create(code="a", number=2)
        assert await Account.all().count() == 0
    assert calls == []


async def test_get_or_create_inside_a_transaction(database: Database) -> None:
    with database.bound():
        async with db.transaction():
            first, made = await Account.get_or_create(code="a", defaults={"number": 1})
            again, remade = await Account.get_or_create(code="a", defaults={"number": 1})
            with pytest.raises(IntegrityError):
                await Account.get_or_create(code="z", defaults={"number": 1})
        assert (made, remade, first.id == again.id) == (True, False, True)
        assert await Account.all().count() == 1


async def test_after_commit(database: Database) -> None:
    calls: list[str] = []

    def broken() -> None:
        calls.append("broken")
        raise ValueError("logged, not raised")

    with database.bound():
        async with db.transaction():
            db.after_commit(broken)
            async with db.transaction():
                db.after_commit(lambda: calls.append(f"inner {db.in_transaction()}"))
            assert calls == []
        assert calls == ["broken", "inner False"]
        with pytest.raises(KeyError):
            async with db.transaction():
                db.after_commit(lambda: calls.append("never"))
                raise KeyError
        assert len(calls) == 2
        with pytest.raises(RuntimeError):
            db.after_commit(lambda: None)
        with pytest.raises(RuntimeError):
            db.require_transaction()


async def test_locked_increments_all_count(database: Database) -> None:
    async def increment() -> None:
        with database.bound():
            async with db.transaction():
                account = await db.locked(Account.filter(code="a")).get()
                account.balance += 1
                await account.save(update_fields=["balance"])

    with database.bound():
        await Account.create(code="a", number=1)
        # A pool of five and a bounded wait for it: two hundred units come in waves of fifty.
        for _ in range(4):
            await asyncio.gather(*(increment() for _ in range(50)))
        assert await balance() == 200


async def test_skip_locked_shares_out_a_queue(postgres: Database) -> None:
    async def claim(hold: asyncio.Event) -> list[str]:
        with postgres.bound():
            async with db.transaction():
                rows = await db.skip_locked(Account.all().order_by("code").limit(1))
                await asyncio.wait_for(hold.wait(), 1)
                return [row.code for row in rows]

    with postgres.bound():
        await Account.create(code="a", number=1)
        await Account.create(code="b", number=2)
    hold = asyncio.Event()
    claims = [asyncio.create_task(claim(hold)) for _ in range(2)]
    await asyncio.sleep(0.3)
    hold.set()
    assert sorted(await asyncio.gather(*claims)) == [["a"], ["b"]]


async def test_raw_statements(database: Database) -> None:
    with database.bound():
        assert db.dialect() == database.dialect
        insert = "INSERT INTO sample_account (code, number, balance) VALUES ($1, $2, $3)"
        [row] = await db.fetch(f"{insert} RETURNING id", "a", 1, 5)
        assert row["id"] > 0
        update = "UPDATE sample_account SET balance = balance + $2 WHERE code = $1"
        assert await db.fetch(f"{update} RETURNING balance", "a", 7) == [{"balance": 12}]
        assert await db.execute(update, "a", 1) == 1
        assert await db.execute(update, "nobody", 1) == 0
        quoted = "SELECT '$1' AS t, code FROM sample_account WHERE code = $1"
        assert await db.fetch(quoted, "a") == [{"t": "$1", "code": "a"}]
        await db.execute_many(
            "INSERT INTO sample_account (code, number) VALUES ($1, $2)", [("x", 7), ("y", 8)]
        )
        with pytest.raises(IntegrityError):
            await db.execute_many(
                "INSERT INTO sample_account (code, number) VALUES ($1, $2)", [("z", 9), ("x", 10)]
            )
        assert await Account.all().count() == 3
        async with db.transaction():
            assert await db.fetch(f"{update} RETURNING balance", "a", 1) == [{"balance": 14}]


async def test_retrying_repeats_conflicts_only(database: Database) -> None:
    tries: list[int] = []

    async def clash() -> int:
        tries.append(1)
        if len(tries) < 3:
            raise db.StorageUnavailable("deadlock")
        return 7

    async def gone() -> None:
        tries.append(1)
        raise db.StorageUnavailable("connection")

    with database.bound():
        assert await db.retrying(clash) == 7
        tries.clear()
        with pytest.raises(db.StorageUnavailable):
            await db.retrying(gone)
        assert len(tries) == 1
        async with db.transaction():
            with pytest.raises(RuntimeError):
                await db.retrying(clash)


async def test_a_real_deadlock_is_retried(postgres: Database) -> None:
    async def transfer(first: str, second: str) -> None:
        with postgres.bound():

            async def work() -> None:
                async with db.transaction():
                    await db.locked(Account.filter(code=first)).get()
                    await asyncio.sleep(0.2)
                    await db.locked(Account.filter(code=second)).get()

            await db.retrying(work)

    with postgres.bound():
        await Account.create(code="a", number=1)
        await Account.create(code="b", number=2)
    await asyncio.gather(transfer("a", "b"), transfer("b", "a"))


async def test_a_task_that_outlives_its_transaction_is_told(database: Database) -> None:
    release = asyncio.Event()

    async def orphan() -> None:
        await release.wait()
        with pytest.raises(RuntimeError, match="has ended"):
            await Account.all().count()
        with database.bound():
            assert not db.in_transaction()
            assert await Account.all().count() == 1

    with database.bound():
        async with db.transaction():
            await Account.create(code="a", number=1)
            task = asyncio.create_task(orphan())
        release.set()
        await task


async def test_databases_side_by_side(database: Database) -> None:
    other = Database("sqlite://:memory:", database.apps)
    await other.open()
    try:
        await migrate_open(other)
        with database.bound():
            await Account.create(code="a", number=1)
            with other.bound():
                assert await Account.filter(code="a").count() == 0
            assert await Account.filter(code="a").count() == 1
    finally:
        await other.close()


async def test_copied_rows_meet_the_same_constraints(database: Database) -> None:
    columns = ("code", "number", "balance")
    with database.bound():
        async with db.transaction():
            await db.copy_rows("sample_account", columns, [("a", 1, 10), ("b", 2, 2**40)])
            await db.copy_rows("sample_account", columns, [])
        assert await balance("b") == 2**40
        for row in (("c", 3, -1), ("a", 4, 1)):
            with pytest.raises(IntegrityError):
                async with db.transaction():
                    await db.copy_rows("sample_account", columns, [("d", 9, 1), row])
        with pytest.raises(RuntimeError):
            await db.copy_rows("sample_account", columns, [("e", 5, 1)])
        assert await Account.all().count() == 2
