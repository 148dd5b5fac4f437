"""The command line of e-Meeting: entering councils from a file."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from bawaba import audit, db, people, runtime
from bawaba.plugin import Command

from bawaba_emeeting.domain import (
    ADOPTION,
    MAX_MEMBERS,
    MAX_WEIGHT,
    VOTING_ROLES,
    MeetingRole,
)
from bawaba_emeeting.models import MeetingAdoption, MeetingCouncil, MeetingMember, MeetingTerm
from bawaba_emeeting.services import regulating
from bawaba_emeeting.services.offer import MEMBER_ROLE, OPERATOR_ROLE

Entry = Mapping[str, Any]
_CODE = re.compile(r"[a-z0-9-]{1,64}")
_OF_A_MEMBER = frozenset({"person", "role", "weight", "seniority", "left"})
_ROLES = frozenset(role.value for role in MeetingRole)


class BadEntry(Exception):
    """A council of the file cannot be entered; the message says why, to who runs the command."""


@dataclass(frozen=True, slots=True)
class Seating:
    """A seat as the file asks for it."""

    role: MeetingRole
    weight: int
    seniority: int

    def differs(self, seat: MeetingMember) -> bool:
        """Return whether a seat must end for this one to begin; seniority alone ends none."""
        return (self.role.value, self.weight) != (seat.role, seat.weight)


async def load_councils(
    path: Annotated[Path, typer.Argument(help="A TOML file; the plugin's README shows one.")],
) -> int | None:
    """Enter councils with their terms and members; what is there already stays as it is.

    A member's ``left = true`` ends the seat. A changed role or weight ends it too, and opens a new
    one. Who is not named stays; a term's end ends no seat. Each council is entered whole or not
    at all.
    """
    given = tomllib.loads(path.read_text(encoding="utf-8"))
    failed = False
    for entry in given.get("councils", []):
        try:
            async with db.transaction():
                missing = await _council(entry)
        except BadEntry as problem:
            failed = True
            typer.echo(f"{entry.get('code')}: {problem}; nothing of it was entered", err=True)
            continue
        for reference in missing:
            failed = True
            told = f"nobody has signed in as {reference!r}: run this again afterwards"
            typer.echo(told, err=True)
    return 1 if failed else None


async def _council(entry: Entry) -> list[str]:
    """Enter a council; return the members who are not known yet."""
    code = _given(entry, "code")
    if not isinstance(code, str) or not _CODE.fullmatch(code):
        raise BadEntry("a code is 1 to 64 of a-z, 0-9 and -")
    council = await db.locked(MeetingCouncil.filter(code=code)).first()
    if council is None:
        council = await _new(entry)
    for term in entry.get("terms", []):
        await _term(council, term)
    asked, missing = await _known(entry.get("members", []))
    if await _seat(council, asked):
        await regulating.tell(council)
    return missing


def _given(entry: Entry, name: str) -> Any:
    if name not in entry:
        raise BadEntry(f"{name} is missing")
    return entry[name]


async def _new(entry: Entry) -> MeetingCouncil:
    council = await MeetingCouncil.create(
        id=runtime.new_id(),
        code=entry["code"],
        name_en=_given(entry, "en"),
        name_ar=_given(entry, "ar"),
        seats=_given(entry, "seats"),
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


async def _term(council: MeetingCouncil, term: Entry) -> None:
    """Enter a term that is not there yet; meetings in it are numbered from 1."""
    there = MeetingTerm.filter(council_id=council.id, number=_given(term, "number"))
    if await there.exists():
        return
    starts_at, ends_at = _instant(_given(term, "starts")), _instant(_given(term, "ends"))
    if ends_at <= starts_at:
        raise BadEntry(f"term {term['number']} ends before it starts")
    await MeetingTerm.create(
        id=runtime.new_id(),
        council_id=council.id,
        number=term["number"],
        starts_at=starts_at,
        ends_at=ends_at,
    )


def _instant(day: dt.date) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC)


async def _known(members: Sequence[Entry]) -> tuple[dict[str, tuple[int, Entry]], list[str]]:
    """Return place and entry by person id, and the references of those who are not known."""
    found: dict[str, tuple[int, Entry]] = {}
    missing: list[str] = []
    for place, entry in enumerate(members, 1):
        reference = str(_given(entry, "person"))
        if unknown := entry.keys() - _OF_A_MEMBER:
            raise BadEntry(f"{reference!r} has an unknown {min(unknown)!r}")
        person = await people.find(reference)
        if person is None:
            missing.append(reference)
        elif person.id in found:
            raise BadEntry(f"{reference!r} stands there twice")
        else:
            found[person.id] = place, entry
    return found, missing


async def _seat(council: MeetingCouncil, asked: Mapping[str, tuple[int, Entry]]) -> bool:
    """End and open the seats that the file asks for; return whether there were any."""
    held = await db.locked(MeetingMember.filter(council_id=council.id, left_at=None).order_by("id"))
    seats = {seat.person_id: seat for seat in held}
    wanted = {who: _wanted(entry, at, seats.get(who)) for who, (at, entry) in asked.items()}
    ending = {
        person: seats[person]
        for person, seating in wanted.items()
        if person in seats and (seating is None or seating.differs(seats[person]))
    }
    opening = {
        person: seating
        for person, seating in wanted.items()
        if seating is not None and (person not in seats or person in ending)
    }
    staying = [MeetingRole(s.role) for person, s in seats.items() if person not in ending]
    _check([*staying, *(seating.role for seating in opening.values())])
    for person, seat in ending.items():
        await _end(council, seat, opening.get(person))
    for person, seating in opening.items():
        await _open(council, person, seating)
    return bool(ending or opening)


def _wanted(entry: Entry, place: int, seat: MeetingMember | None) -> Seating | None:
    """Return the seat that an entry asks for, None where it is to end; what it leaves out stays."""
    left, reference = entry.get("left", False), entry["person"]
    if not isinstance(left, bool):
        raise BadEntry(f"left of {reference!r} is true or false")
    if left:
        return None
    role = entry.get("role", seat.role if seat else None)
    if role not in _ROLES:
        raise BadEntry(f"role of {reference!r} is one of {', '.join(sorted(_ROLES))}")
    weight = entry.get("weight", seat.weight if seat else 1)
    if not isinstance(weight, int) or not 1 <= weight <= MAX_WEIGHT:
        raise BadEntry(f"weight of {reference!r} is 1 to {MAX_WEIGHT}")
    seated = MeetingRole(role)
    before = seat.seniority if seat and MeetingRole(seat.role) in VOTING_ROLES else place
    usual = before if seated in VOTING_ROLES else MAX_MEMBERS
    return Seating(seated, weight, entry.get("seniority", usual))


def _check(roles: Collection[MeetingRole]) -> None:
    if len(roles) > MAX_MEMBERS:
        raise BadEntry(f"{len(roles)} seats would be taken, {MAX_MEMBERS} may be")
    counted = Counter(roles)
    for one in (MeetingRole.CHAIR, MeetingRole.OPERATOR):
        if counted[one] > 1:
            raise BadEntry(f"{counted[one]} would hold the seat {one.value}, one may")


async def _end(council: MeetingCouncil, seat: MeetingMember, then: Seating | None) -> None:
    """End a seat, and the right that came with it unless the next seat gives it again."""
    seat.left_at = runtime.now()
    await seat.save(update_fields=["left_at"])
    right = _right(MeetingRole(seat.role))
    if then is None or _right(then.role) != right:
        await people.withdraw(None, seat.person_id, right, council.code)
    told = {"person": seat.person_id, "role": seat.role, "weight": seat.weight}
    await audit.record(None, "meeting.member.left", f"MeetingCouncil:{council.code}", told)


async def _open(council: MeetingCouncil, person_id: str, seating: Seating) -> None:
    await people.grant(None, person_id, _right(seating.role), council.code)
    await MeetingMember.create(
        id=runtime.new_id(),
        council_id=council.id,
        person_id=person_id,
        role=seating.role.value,
        weight=seating.weight,
        seniority=seating.seniority,
        since=runtime.now(),
    )
    told = {"person": person_id, "role": seating.role.value, "weight": seating.weight}
    await audit.record(None, "meeting.member.seated", f"MeetingCouncil:{council.code}", told)


def _right(role: MeetingRole) -> str:
    return OPERATOR_ROLE if role is MeetingRole.OPERATOR else MEMBER_ROLE


COMMANDS = (Command("emeeting", "councils", load_councils, "Enter councils from a file."),)
