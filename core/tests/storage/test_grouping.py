"""Group commit: what comes together is stored together, and only what is bad fails."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from bawaba import db
from bawaba.host.storage.database import Database
from sample_app.models import Account


class Store:
    """Inserts accounts by code; keeps the sizes of the groups; answers with numbers."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self, codes: Sequence[str]) -> Sequence[int]:
        self.sizes.append(len(codes))
        await self.gate.wait()
        for code in codes:
            await Account.create(code=code, number=int(code), balance=-1 if code == "13" else 0)
        return [int(code) for code in codes]


async def stored() -> list[int]:
    return sorted([int(row["code"]) for row in await db.fetch("SELECT code FROM sample_account")])


async def test_whoever_comes_while_a_group_commits_is_in_the_next(database: Database) -> None:
    work = Store()
    with database.bound():
        group = db.Grouped(work, largest=5)
        work.gate.clear()
        first = asyncio.create_task(group.add("0"))
        await asyncio.sleep(0.05)
        others = [asyncio.create_task(group.add(str(n))) for n in range(1, 9)]
        await asyncio.sleep(0.05)
        work.gate.set()
        assert await asyncio.gather(first, *others) == list(range(9))
        assert work.sizes == [1, 5, 3]
        assert await stored() == list(range(9))
        assert await group.add("9") == 9


async def test_a_result_comes_after_the_commit(database: Database) -> None:
    with database.bound():
        group = db.Grouped(Store())

        async def payer(n: int) -> None:
            await group.add(str(n))
            assert not db.in_transaction()
            assert n in await stored()

        await asyncio.gather(*(payer(n) for n in range(10)))


async def test_a_bad_item_fails_alone(database: Database) -> None:
    work = Store()
    with database.bound():
        group = db.Grouped(work)
        found = await asyncio.gather(
            *(group.add(str(n)) for n in (12, 13, 14)), return_exceptions=True
        )
        assert found[0] == 12
        assert isinstance(found[1], db.IntegrityError)
        assert found[2] == 14
        assert work.sizes == [3, 1, 1, 1]
        assert await stored() == [12, 14]


async def test_who_leaves_takes_nothing_back_and_hurts_nobody(database: Database) -> None:
    work = Store()
    with database.bound():
        group = db.Grouped(work)
        work.gate.clear()
        leaving, staying = (asyncio.create_task(group.add(code)) for code in ("1", "2"))
        await asyncio.sleep(0.05)
        leaving.cancel()
        work.gate.set()
        assert await staying == 2
        assert leaving.cancelled()
        assert await stored() == [1, 2]


async def test_it_is_no_place_inside_a_transaction(database: Database) -> None:
    with database.bound():
        async with db.transaction():
            with pytest.raises(RuntimeError):
                await db.Grouped(Store()).add("1")
        assert await stored() == []


async def test_work_must_answer_for_each(database: Database) -> None:
    async def silent(_codes: Sequence[str]) -> Sequence[int]:
        return []

    with database.bound(), pytest.raises(ValueError, match="a result for each"):
        await db.Grouped(silent).add("1")
