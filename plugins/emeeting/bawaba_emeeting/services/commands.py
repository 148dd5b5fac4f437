"""The command line of e-Meeting: entering councils from a file."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from bawaba import db, people, runtime
from bawaba.plugin import Command

from bawaba_emeeting.domain import (
    ADOPTION,
    MAX_MEMBERS,
    VOTING_ROLES,
    MeetingRole,
)
from bawaba_emeeting.models import MeetingAdoption, MeetingCouncil, MeetingMember, MeetingTerm
from bawaba_emeeting.services.offer import MEMBER_ROLE, OPERATOR_ROLE

Entry = Mapping[str, Any]


async def load_councils(
    path: Annotated[Path, typer.Argument(help="A TOML file; the plugin's README shows one.")],
) -> int | None:
    """Enter councils with their terms and members; what is there already stays as it is."""
    given = tomllib.loads(path.read_text(encoding="utf-8"))
    missing: list[str] = []
    for entry in given.get("councils", []):
        async with db.transaction():
            missing += await _council(entry)
    for reference in missing:
        typer.echo(f"nobody has signed in as {reference!r}: run this again afterwards", err=True)
    return 1 if missing else None


async def _council(entry: Entry) -> list[str]:
    """Enter a council; return the members who are not known yet."""
    council = await db.locked(MeetingCouncil.filter(code=entry["code"])).first()
    if council is None:
        council = await _new(entry)
    for term in entry.get("terms", []):
        there = MeetingTerm.filter(council_id=council.id, number=term["number"])
        if not await there.exists():
            await MeetingTerm.create(
                id=runtime.new_id(),
                council_id=council.id,
                number=term["number"],
                starts_at=_instant(term["starts"]),
                ends_at=_instant(term["ends"]),
            )
    members = enumerate(entry.get("members", []), 1)
    found = [await _member(council, member, place) for place, member in members]
    return [reference for reference in found if reference is not None]


async def _new(entry: Entry) -> MeetingCouncil:
    council = await MeetingCouncil.create(
        id=runtime.new_id(),
        code=entry["code"],
        name_en=entry["en"],
        name_ar=entry["ar"],
        seats=entry["seats"],
        adoption=ADOPTION.initial.value,
    )
    await MeetingAdoption.create(
        id=runtime.new_id(),
        council_id=council.id,
        number=1,
        status=ADOPTION.initial.value,
        reference=entry.get("reference", entry["en"])[:200],
        decided_at=runtime.now(),
    )
    return council


def _instant(day: dt.date) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC)


async def _member(council: MeetingCouncil, entry: Entry, place: int) -> str | None:
    """Enter a member who does not hold a seat yet; return the reference of who is not known."""
    person = await people.find(entry["person"])
    if person is None:
        return str(entry["person"])
    seat = MeetingMember.filter(council_id=council.id, person_id=person.id, left_at=None)
    if await seat.exists():
        return None
    role = MeetingRole(entry["role"])
    await MeetingMember.create(
        id=runtime.new_id(),
        council_id=council.id,
        person_id=person.id,
        role=role.value,
        weight=entry.get("weight", 1),
        seniority=entry.get("seniority", place if role in VOTING_ROLES else MAX_MEMBERS),
        since=runtime.now(),
    )
    granted = OPERATOR_ROLE if role is MeetingRole.OPERATOR else MEMBER_ROLE
    await people.grant(None, person.id, granted, council.code)
    return None


COMMANDS = (Command("emeeting", "councils", load_councils, "Enter councils from a file."),)
