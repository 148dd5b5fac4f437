"""A meeting for other programs: Popolo, OParl 1.1 and iCalendar. Pure.

Popolo: https://www.popoloproject.com/specs/ (Organization, Person, Membership, Motion, VoteEvent,
Count, Vote). OParl: https://dev.oparl.org/spezifikation (Meeting, AgendaItem, File).
iCalendar: RFC 5545, as an invitation or its withdrawal RFC 5546.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import icalendar

from bawaba_emeeting.rules.minutes import Record, heading

_OPARL = "https://schema.oparl.org/1.1"
_OPTIONS = {"YES": "yes", "NO": "no", "ABSTAIN": "abstain"}
_NO_ADDRESS = "invalid:nomail"
_RESULTS = {"CARRIED": "pass", "REJECTED": "fail", "ELECTED": "pass", "NOBODY_ELECTED": "fail"}


def popolo(record: Record, base: str) -> dict[str, Any]:
    """Return the meeting as Popolo. ``base``: the portal's address, before every id."""
    council = f"{base}/councils/{record['council']['code']}"
    people = [m for m in record["members"] if m["votes"]]
    motions, events = [], []
    for item in record["agenda"]:
        for motion in item["motions"]:
            motions.append(_motion(motion, council, base))
            events += [_vote_event(v, motion, council, base) for v in _valid(motion)]
    return {
        "organizations": [
            {
                "id": council,
                "name": record["council"]["name_en"],
                "other_names": [{"name": record["council"]["name_ar"], "note": "ar"}],
                "classification": "council",
            }
        ],
        "persons": [
            {
                "id": f"{base}/members/{m['id']}",
                "name": m["name_en"],
                "other_names": [{"name": m["name_ar"], "note": "ar"}],
            }
            for m in people
        ],
        "memberships": [
            {
                "person_id": f"{base}/members/{m['id']}",
                "organization_id": council,
                "role": m["role"].lower(),
            }
            for m in people
        ],
        "motions": motions,
        "vote_events": events,
    }


def _valid(motion: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [v for v in motion["rounds"] if v["result"] and v["annulled_reason"] is None]


def _motion(motion: Mapping[str, Any], council: str, base: str) -> dict[str, Any]:
    return {
        "id": f"{base}/motions/{motion['id']}",
        "organization_id": council,
        "text": motion["text"],
        "requirement": f"{motion['majority'].lower()} majority of {motion['base'].lower()}",
        "result": _RESULTS.get(motion["outcome"] or ""),
    }


def _vote_event(
    voted: Mapping[str, Any], motion: Mapping[str, Any], council: str, base: str
) -> dict[str, Any]:
    result = voted["result"]
    counts = [{"option": "abstain", "value": result["abstain"]}]
    if result["votes"]:
        named = voted["candidates"]
        counts += [{"option": named[c], "value": n} for c, n in sorted(result["votes"].items())]
    else:
        counts += [{"option": o.lower(), "value": result[o.lower()]} for o in ("YES", "NO")]
    return {
        "id": f"{base}/motions/{motion['id']}/rounds/{voted['id']}",
        "motion_id": f"{base}/motions/{motion['id']}",
        "organization_id": council,
        "start_date": voted["opened_at"],
        "end_date": voted["closed_at"],
        "result": _RESULTS.get(result["outcome"]),
        "counts": counts,
        "votes": [
            {
                "voter_id": f"{base}/members/{b['member_id']}",
                "option": _OPTIONS.get(b["choice"], b["choice_name"]),
                "weight": b["weight"],
            }
            for b in voted["ballots"]
        ],
    }


def oparl(record: Record, base: str) -> dict[str, Any]:
    """Return the meeting as an OParl 1.1 Meeting with everything in it."""
    meeting, council = record["meeting"], record["council"]
    return {
        "id": f"{base}/meetings/{meeting['id']}",
        "type": f"{_OPARL}/Meeting",
        "name": heading(record).en,
        "meetingState": "conducted",
        "cancelled": False,
        "start": meeting["convened_at"],
        "end": meeting["ended_at"],
        "organization": [f"{base}/councils/{council['code']}"],
        "participant": [f"{base}/members/{m['id']}" for m in record["members"] if m["attended"]],
        "agendaItem": [_agenda_item(item, meeting, base) for item in record["agenda"]],
    }


def _agenda_item(item: Mapping[str, Any], meeting: Mapping[str, Any], base: str) -> dict[str, Any]:
    address = f"{base}/meetings/{meeting['id']}"
    decided = [m for m in item["motions"] if m["outcome"]]
    told = {
        "id": f"{address}/items/{item['id']}",
        "type": f"{_OPARL}/AgendaItem",
        "meeting": address,
        "number": str(item["position"]),
        "order": item["position"],
        "name": item["title"],
        "public": not meeting["is_closed"],
        "auxiliaryFile": [_file(document, base) for document in item["documents"]],
    }
    if decided:
        told["result"] = "; ".join(f"{m['text'][:200]}: {m['outcome']}" for m in decided)
        told["resolutionText"] = "\n".join(m["explanation_en"] or "" for m in decided)
    return told


def _file(document: Mapping[str, Any], base: str) -> dict[str, Any]:
    """Return a document; its address answers those who may read it, with their bearer token."""
    known = {"fileName": "name", "mimeType": "media_type", "size": "size"}
    return {
        "id": f"{base}/documents/{document['id']}/{document['version']}",
        "type": f"{_OPARL}/File",
        "name": document["title"],
        "accessUrl": f"{base}{document['path']}",
        **{theirs: document[ours] for theirs, ours in known.items() if ours in document},
        "bawaba:sha256": document["sha256"],
    }


def calendar_entry(  # noqa: PLR0913  one keyword a property
    *,
    uid: str,
    organizer: str,
    summary: str,
    description: str,
    starts_at: dt.datetime,
    url: str,
    stamp: dt.datetime,
    sequence: int,
    cancelled: bool,
    attendees: Sequence[str],
) -> str:
    """Return an invitation as iCalendar: two hours, with a reminder a day before; or its end.

    Args:
        organizer: the name of who invites; attendees: names. Their addresses are not told.
        stamp: when it was written, in UTC; sequence: rises with every change.
    """
    event = icalendar.Event()
    event.add("uid", uid)
    event.add("summary", summary)
    event.add("description", description)
    event.add("dtstart", starts_at)
    event.add("duration", dt.timedelta(hours=2))
    event.add("dtstamp", stamp)
    event.add("sequence", sequence)
    event.add("url", url)
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    event.add("organizer", _person(organizer), encode=False)
    for name in attendees:
        event.add("attendee", _person(name), encode=False)
    if not cancelled:
        reminder = icalendar.Alarm()
        reminder.add("action", "DISPLAY")
        reminder.add("description", summary)
        reminder.add("trigger", dt.timedelta(days=-1))
        event.add_component(reminder)
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Bawaba//e-Meeting//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if cancelled else "REQUEST")
    calendar.add_component(event)
    told: bytes = calendar.to_ical()
    return told.decode()


def _person(name: str) -> icalendar.vCalAddress:
    person = icalendar.vCalAddress(_NO_ADDRESS)
    person.params["CN"] = icalendar.vText(name)
    return person
