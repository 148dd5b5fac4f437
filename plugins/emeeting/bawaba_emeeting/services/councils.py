"""Councils as they stand at a moment: members, rules, term; and who may see what."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bawaba import runtime
from bawaba.paging import Page, keyset_page
from bawaba.text import Language, Text
from bawaba.viewer import Viewer
from tortoise.expressions import Q

from bawaba_emeeting.domain import MeetingRole, Rules, Seat
from bawaba_emeeting.models import (
    MeetingAdoption,
    MeetingCouncil,
    MeetingMember,
    MeetingRegulation,
    MeetingTerm,
)
from bawaba_emeeting.rules import regulations
from bawaba_emeeting.services.offer import ATTEND, OPERATE

Row = Mapping[str, Any]
MEMBER = ("id", "council_id", "person_id", "role", "weight", "seniority", "since", "left_at")
COUNCIL = ("id", "code", "name_en", "name_ar", "seats", "adoption")


@dataclass(frozen=True, slots=True)
class Chamber:
    """A council at a moment."""

    council: Row
    members: Sequence[Row]
    rules: Rules

    @property
    def seats(self) -> list[Seat]:
        """The members as the rules see them."""
        return [seat_of(row) for row in self.members]

    def member(self, member_id: str | None) -> Row | None:
        """Return a member by id."""
        return next((row for row in self.members if row["id"] == member_id), None)

    def of_person(self, person_id: str | None) -> Row | None:
        """Return the seat that a person holds."""
        return next((row for row in self.members if row["person_id"] == person_id), None)


def seat_of(row: Row) -> Seat:
    """Return a member as the rules see it."""
    return Seat(row["id"], MeetingRole(row["role"]), row["weight"], row["seniority"])


def name_of(council: Row, language: Language) -> str:
    """Return the council's name."""
    return Text(council["name_en"], council["name_ar"]).in_(language)


def attends(viewer: Viewer, council: Row) -> bool:
    """Return whether the viewer belongs to the council, as a member or to serve it."""
    code = council["code"]
    return viewer.can(ATTEND, code) or viewer.can(OPERATE, code)


async def by_codes(codes: Collection[str]) -> dict[str, Row]:
    """Return councils by code."""
    rows = await MeetingCouncil.filter(code__in=list(set(codes))).values(*COUNCIL)
    return {row["code"]: row for row in rows}


async def by_code(code: str) -> Row | None:
    """Return a council."""
    return (await by_codes([code])).get(code)


async def by_ids(ids: Collection[str]) -> dict[str, Row]:
    """Return councils by id."""
    rows = await MeetingCouncil.filter(id__in=list(set(ids))).values(*COUNCIL)
    return {row["id"]: row for row in rows}


async def chamber(council: Row, at: dt.datetime) -> Chamber:
    """Return the council as it stands, or stood, at a moment."""
    sitting = Q(left_at__isnull=True) | Q(left_at__gt=at)
    members = (
        await MeetingMember.filter(sitting, council_id=council["id"], since__lte=at)
        .order_by("seniority", "id")
        .values(*MEMBER)
    )
    return Chamber(council, members, await rules_at(council["id"], at))


async def rules_at(council_id: str, at: dt.datetime) -> Rules:
    """Return the rules of procedure in force at a moment."""
    rows = MeetingRegulation.filter(council_id=council_id, effective_from__lte=at)
    amendments = await rows.order_by("effective_from", "number").values_list("changes", flat=True)
    return regulations.compose(amendments)  # type: ignore[arg-type]


async def term_at(council_id: str, at: dt.datetime) -> Row | None:
    """Return the term of office at a moment."""
    rows = MeetingTerm.filter(council_id=council_id, starts_at__lte=at, ends_at__gt=at)
    found = await rows.order_by("-number").limit(1).values("id", "number")
    return found[0] if found else None


async def memberships(person_ids: Collection[str]) -> Mapping[str, frozenset[str]]:
    """Return the codes of the councils to which each person belongs now."""
    rows = await MeetingMember.filter(person_id__in=list(person_ids), left_at__isnull=True).values(
        "person_id", "council_id"
    )
    councils = await by_ids({row["council_id"] for row in rows})
    found: dict[str, set[str]] = {}
    for row in rows:
        found.setdefault(row["person_id"], set()).add(councils[row["council_id"]]["code"])
    return {person: frozenset(codes) for person, codes in found.items()}


async def adoption_steps(council_id: str) -> Sequence[Row]:
    """Return the steps of a council's adoption, in order."""
    rows = MeetingAdoption.filter(council_id=council_id).order_by("number")
    return await rows.values("number", "status", "reference", "decided_at")


async def rules_now(council_id: str) -> Rules:
    """Return the rules of procedure in force."""
    return await rules_at(council_id, runtime.now())


async def page(first: int, after: str | None) -> Page:
    """Return a page of councils, by code."""
    rows = MeetingCouncil.all()
    return await keyset_page(rows, order=("code",), first=first, after=after, columns=COUNCIL)


async def members_by_ids(ids: Collection[str]) -> Sequence[Row]:
    """Return members, present and past, by id."""
    return await MeetingMember.filter(id__in=list(ids)).values(*MEMBER)
