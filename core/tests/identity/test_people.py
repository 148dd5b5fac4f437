"""People as plugins know them, on both databases."""

from __future__ import annotations

from typing import Any

import pytest
from bawaba.host.identity.models import Person, RoleGrant
from bawaba.host.identity.people import People
from bawaba.plugin import Role
from bawaba.runtime import now
from bawaba.text import Language, Text
from world import World

ROLES = [
    Role("clerk", Text("Clerk", "كاتب"), frozenset({"x.do"})),
    Role("citizen", Text("Citizen", "مواطن"), frozenset({"x.all"}), everyone=True),
]


@pytest.fixture
async def people(room: World) -> People:
    for id_, scope in (("a", "moi"), ("b", "*"), ("c", "moh"), ("d", "moi")):
        await Person.create(
            id=id_, issuer="i", subject=id_, name=id_.upper(), name_ar="س" if id_ == "a" else "",
            claims_at=0, created_at=now(), suspended_at=now() if id_ == "d" else None,
        )  # fmt: skip
        await RoleGrant.create(id=id_, person_id=id_, role="clerk", scope=scope, granted_at=now())
    return People(ROLES)


def ids(found: Any) -> list[str]:
    return [person.id for person in found]


async def test_holders_are_those_in_scope_and_not_suspended(people: People) -> None:
    assert ids(await people.holders("x.do", "moi", everywhere=True, limit=9)) == ["a", "b"]
    assert ids(await people.holders("x.do", "moi", everywhere=False, limit=9)) == ["a"]
    assert ids(await people.holders("x.do", "moi", everywhere=True, limit=1)) == ["a"]
    assert ids(await people.holders("x.other", "moi", everywhere=True, limit=9)) == []


@pytest.mark.parametrize("limit", [0, 201])
async def test_a_limit_out_of_range_is_refused(people: People, limit: int) -> None:
    with pytest.raises(ValueError):
        await people.holders("x.do", "moi", everywhere=True, limit=limit)


async def test_what_everyone_may_has_no_holders(people: People) -> None:
    with pytest.raises(ValueError):
        await people.holders("x.all", "moi", everywhere=True, limit=9)
    with pytest.raises(ValueError):
        await people.may(["a"], "x.all", "moi")


async def test_may_tells_who_holds_it_there_or_everywhere(people: People) -> None:
    assert await people.may(["a", "b", "c", "d", "zz"], "x.do", "moi") == {"a", "b"}
    assert await people.may([], "x.do", "moi") == frozenset()


async def test_names_are_in_the_language_asked_for(people: People) -> None:
    found = {person.id: person.name for person in await people.named(["a", "b", "zz"])}
    assert {key: name.in_(Language.AR) for key, name in found.items()} == {"a": "س", "b": "B"}
    assert {key: name.in_(Language.EN) for key, name in found.items()} == {"a": "A", "b": "B"}


async def test_one_person_is_found_by_id_or_subject(people: People) -> None:
    found = await people.find("a")
    assert found is not None
    assert found.name.en == "A"
    assert await people.find("nobody") is None
