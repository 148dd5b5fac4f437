"""The record of a meeting that has ended: its rows and log as JSON, for minutes and exports."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from bawaba import files, people, runtime
from bawaba.text import Language

from bawaba_emeeting.domain import MeetingAttendanceStatus, MeetingBallotKind
from bawaba_emeeting.models import (
    MeetingAgendaItem,
    MeetingBallot,
    MeetingCandidate,
    MeetingMotion,
    MeetingRecusal,
    MeetingRound,
)
from bawaba_emeeting.rules import attendance, minutes, regulations
from bawaba_emeeting.services import councils, documents, log
from bawaba_emeeting.services.councils import Row
from bawaba_emeeting.services.sittings import Sitting, sitting_of

_CAST = ("member_id", "caster_id")
Names = Mapping[str, tuple[str, str]]
"""English and Arabic names by member id."""


async def record_of(meeting: Row, council: Row) -> dict[str, Any]:
    """Return the record, with the minutes as it tells them; ``rules/minutes.py`` has its shape."""
    sitting = await sitting_of(meeting, council)
    events = await log.lines(meeting["id"])
    members = await _everybody(sitting, events)
    names = await _names(members)
    record: dict[str, Any] = {
        "meeting": _meeting(meeting),
        "council": _council(sitting),
        "members": _members(sitting, members, events, names),
        "agenda": await _agenda(meeting["id"], names),
        "events": [_event(line) for line in events],
    }
    written = minutes.sections(record, runtime.current().timezone)
    return record | {"sections": minutes.stored(written)}


async def _everybody(sitting: Sitting, events: Sequence[Row]) -> list[Row]:
    """Return the members at the end, and those who took part before their seat ended."""
    members = list(sitting.chamber.members)
    known = {member["id"] for member in members}
    left = {line["member_id"] for line in events if line["member_id"]} - known
    others = await councils.members_by_ids(left)
    return [*members, *sorted(others, key=lambda member: (member["seniority"], member["id"]))]


async def _names(members: Sequence[Row]) -> Names:
    ids = [member["person_id"] for member in members]
    english = await people.names(ids, Language.EN)
    arabic = await people.names(ids, Language.AR)
    return {
        member["id"]: (
            english.get(member["person_id"], ""),
            arabic.get(member["person_id"], ""),
        )
        for member in members
    }


def _meeting(meeting: Row) -> dict[str, Any]:
    told = {name: meeting[name] for name in ("id", "number", "kind", "title")}
    told |= {name: bool(meeting[name]) for name in ("is_closed", "is_trial")}
    for name in ("scheduled_at", "convened_at", "ended_at"):
        told[name] = _instant(meeting[name])
    return told


def _instant(value: dt.datetime | None) -> str | None:
    return None if value is None else value.astimezone(dt.UTC).isoformat()


def _council(sitting: Sitting) -> dict[str, Any]:
    council, said = sitting.chamber.council, regulations.sentence(sitting.chamber.rules)
    return {
        "code": council["code"],
        "name_en": council["name_en"],
        "name_ar": council["name_ar"],
        "quorum_en": said.en,
        "quorum_ar": said.ar,
    }


def _members(
    sitting: Sitting, members: Sequence[Row], events: Sequence[Row], names: Names
) -> list[dict[str, Any]]:
    attended = attendance.attended(events)
    seated = {member["id"] for member in sitting.chamber.members}
    found = []
    for member in members:
        change = sitting.presence.get(member["id"])
        status = change.status if change else MeetingAttendanceStatus.ABSENT
        english, arabic = names[member["id"]]
        found.append(
            {
                "id": member["id"],
                "name_en": english,
                "name_ar": arabic,
                "role": member["role"],
                "weight": member["weight"],
                "votes": councils.seat_of(member).votes,
                "status": status.value,
                "attended": member["id"] in attended,
                "seated": member["id"] in seated,
            }
        )
    return found


def _event(line: Row) -> dict[str, Any]:
    return {
        "number": line["number"],
        "at": _instant(line["at"]),
        "kind": line["kind"],
        "member_id": line["member_id"],
        "subject_id": line["subject_id"],
        "data": line["data"],
    }


async def _agenda(meeting_id: str, names: Names) -> list[dict[str, Any]]:
    items = MeetingAgendaItem.filter(meeting_id=meeting_id).order_by("position")
    attached = await _documents(meeting_id)
    motions = await _motions(meeting_id, names)
    return [
        {
            "id": item["id"],
            "position": item["position"],
            "title": item["title"],
            "body": item["body"],
            "status": item["status"],
            "documents": attached.get(item["id"], []),
            "motions": motions.get(item["id"], []),
        }
        for item in await items.values("id", "position", "title", "body", "status")
    ]


async def _documents(meeting_id: str) -> dict[str, list[dict[str, Any]]]:
    """Return the documents by item; ``path``: where the file is, under the portal's address."""
    by_item = await documents.of_meeting(meeting_id)
    versions = [row["version_id"] for rows in by_item.values() for row in rows]
    held = await files.of_subjects(documents.PURPOSE, versions)
    stored = {file.id: file for each in held.values() for file in each}
    found: dict[str, list[dict[str, Any]]] = {}
    for item_id, rows in by_item.items():
        for row in rows:
            told = {name: row[name] for name in ("id", "title", "version", "sha256")}
            told["path"] = f"/files/{row['file_id']}"
            if row["file_id"] in stored:
                file = stored[row["file_id"]]
                told |= {"name": file.name, "media_type": file.media_type, "size": file.size}
            found.setdefault(item_id, []).append(told)
    return found


async def _motions(meeting_id: str, names: Names) -> dict[str, list[dict[str, Any]]]:
    rows = await MeetingMotion.filter(meeting_id=meeting_id).order_by("position").values()
    wanted = [row["id"] for row in rows]
    rounds: dict[str, list[Row]] = {}
    for voted in await MeetingRound.filter(motion_id__in=wanted).order_by("number").values():
        rounds.setdefault(voted["motion_id"], []).append(voted)
    standing: dict[str, dict[str, str]] = {}
    for each in await MeetingCandidate.filter(motion_id__in=wanted).values():
        standing.setdefault(each["motion_id"], {})[each["id"]] = each["name"]
    aside: dict[str, list[dict[str, Any]]] = {}
    for each in await MeetingRecusal.filter(motion_id__in=wanted).order_by("id").values():
        aside.setdefault(each["motion_id"], []).append(
            {**_named(each["member_id"], names), "reason": each["reason"]}
        )
    ballots = await _ballots([v["id"] for each in rounds.values() for v in each], names)
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        candidates = standing.get(row["id"], {})
        told = [_round(voted, row, candidates, ballots) for voted in _rounds_on(row, rounds)]
        found.setdefault(row["item_id"], []).append(_motion(row, told, aside.get(row["id"], [])))
    return found


def _rounds_on(motion: Row, rounds: Mapping[str, list[Row]]) -> list[Row]:
    """Return the rounds in which a motion was voted on, those en bloc with others included.

    It belonged to the bloc until it was voted on by itself.
    """
    own = rounds.get(motion["id"], [])
    together = [
        voted
        for voted in rounds.get(motion["bloc_id"] or "", [])
        if not own or _order(voted) < _order(own[0])
    ]
    return [*together, *own]


def _order(voted: Row) -> tuple[dt.datetime, str]:
    return voted["opened_at"], voted["id"]


def _motion(row: Row, rounds: list[dict[str, Any]], recusals: list[Any]) -> dict[str, Any]:
    decided = [voted["result"] for voted in rounds if voted["id"] == row["round_id"]]
    last = decided[-1] if decided and row["outcome"] else None
    return {
        **{name: row[name] for name in ("id", "text", "ballot", "majority", "base", "status")},
        "outcome": row["outcome"],
        "explanation_en": last["en"] if last else None,
        "explanation_ar": last["ar"] if last else None,
        "recusals": recusals,
        "rounds": rounds,
    }


def _named(member_id: str, names: Names) -> dict[str, Any]:
    english, arabic = names.get(member_id, ("", ""))
    return {"member_id": member_id, "name_en": english, "name_ar": arabic}


def _round(
    voted: Row, motion: Row, candidates: Mapping[str, str], ballots: Mapping[str, list[Any]]
) -> dict[str, Any]:
    secret = motion["ballot"] == MeetingBallotKind.SECRET.value
    result = voted["result"]
    told = [] if secret else ballots.get(voted["id"], [])
    return {
        "id": voted["id"],
        "motion_id": voted["motion_id"],
        "number": voted["number"],
        "opened_at": _instant(voted["opened_at"]),
        "closed_at": _instant(voted["closed_at"]),
        "entitled": voted["rule"]["entitled"],
        "result": result,
        "winner": candidates.get(result["winner"] or "") if result else None,
        "candidates": dict(candidates),
        "annulled_reason": voted["annulled_reason"],
        "merkle_root": voted["merkle_root"],
        "lot": voted["lot"],
        "ballots": [
            {**ballot, "choice_name": candidates.get(ballot["choice"], "")} for ballot in told
        ],
    }


async def _ballots(round_ids: list[str], names: Names) -> dict[str, list[dict[str, Any]]]:
    """Return the open ballots by round, in the order of the members, as ``names`` has them."""
    place = {member_id: number for number, member_id in enumerate(names)}
    found: dict[str, list[dict[str, Any]]] = {}
    rows = await MeetingBallot.filter(round_id__in=round_ids).values(
        "round_id", "member_id", "caster_id", "choice", "weight"
    )
    for row in sorted(rows, key=lambda row: [place.get(row[name], 0) for name in _CAST]):
        english, arabic = names.get(row["caster_id"], ("", ""))
        found.setdefault(row["round_id"], []).append(
            {
                **_named(row["member_id"], names),
                "caster_id": row["caster_id"],
                "caster_name_en": english,
                "caster_name_ar": arabic,
                "choice": row["choice"],
                "weight": row["weight"],
            }
        )
    return found
