"""The minutes, written from a meeting's record: sections of text in both languages.

The record is JSON, made from the rows and the log when the meeting ends:
``meeting``, ``council``, ``members`` (with names), ``agenda`` (items with documents and motions),
``events`` (the log) and ``sections`` (the minutes as they wrote themselves, so that no later
change of these words changes what was signed). Instants are ISO 8601 in UTC; they are shown in the
council's zone.

Reasons given for an absence, an excuse or standing aside are told as they were given: with the
approved minutes of an open meeting they become public.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bawaba.text import Language, Text

from bawaba_emeeting.domain import LogKind
from bawaba_emeeting.rules import chronicle
from bawaba_emeeting.rules.chronicle import Breaks, Scene
from bawaba_emeeting.rules.clockface import Clockface
from bawaba_emeeting.rules.printed_words import CHOICE_WORDS, KIND_WORDS

Record = Mapping[str, Any]
OPENING, ATTENDANCE, CLOSING = "opening", "attendance", "closing"
_SITTINGS = Text("Opening, adjournments and resumptions", "الافتتاح والتأجيل والاستئناف")


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the minutes that can be amended; ``key`` is stable."""

    key: str
    title: Text
    body: Text


def heading(record: Record) -> Text:
    """Return the name of the meeting: "Extraordinary meeting no. 4 of …"."""
    meeting, council = record["meeting"], record["council"]
    kind = KIND_WORDS[meeting["kind"]]
    return Text(
        f"{kind.en} no. {meeting['number']} of the {council['name_en']}",
        f"{kind.ar} رقم {meeting['number']} {_of(council['name_ar'])}",
    )


def _of(name: str) -> str:
    """Return an Arabic name with "of" before it, which is written together with it."""
    return f"لل{name[2:].removeprefix('ل')}" if name.startswith("ال") else f"ل{name}"


def sections(record: Record, timezone: str) -> list[Section]:
    """Return the minutes as they write themselves."""
    names = {m["id"]: Text(m["name_en"], m["name_ar"]) for m in record["members"]}
    meeting = record["meeting"]
    scene = Scene(Clockface(timezone), names, meeting["convened_at"], meeting["ended_at"])
    found = chronicle.breaks(record["events"])
    adjourned = any(e["kind"] == LogKind.ADJOURNED.value for e in record["events"])
    return [
        Section(OPENING, _SITTINGS if adjourned else Text("Opening", "الافتتاح"),
                _opening(record, scene)),
        Section(ATTENDANCE, Text("Arrivals and departures", "الحضور والانصراف"),
                _movements(record, scene)),
        *(_item(item, found, scene) for item in record["agenda"]),
        Section(CLOSING, Text("Closing", "الختام"), _closing(record, scene)),
    ]  # fmt: skip


def stored(found: Iterable[Section]) -> list[dict[str, str]]:
    """Return sections as they stand in the record."""
    return [
        {
            "key": section.key,
            "title_en": section.title.en,
            "title_ar": section.title.ar,
            "en": section.body.en,
            "ar": section.body.ar,
        }
        for section in found
    ]


def written(record: Record) -> list[Section]:
    """Return the sections of a record as they were written when the meeting ended."""
    return [
        Section(s["key"], Text(s["title_en"], s["title_ar"]), Text(s["en"], s["ar"]))
        for s in record["sections"]
    ]


def amended(found: Sequence[Section], amendments: Iterable[Mapping[str, str]]) -> list[Section]:
    """Return the sections with amendments, oldest first: ``section``, ``language``, ``text``."""
    bodies = {section.key: section.body for section in found}
    for change in amendments:
        old = bodies[change["section"]]
        arabic = Language(change["language"]) is Language.AR
        bodies[change["section"]] = Text(
            old.en if arabic else change["text"], change["text"] if arabic else old.ar
        )
    return [Section(section.key, section.title, bodies[section.key]) for section in found]


def content_hash(record: Record, found: Sequence[Section]) -> str:
    """Return the SHA-256 of what a version says: the record, and its sections as amended."""
    told = [[section.key, section.body.en, section.body.ar] for section in found]
    return _digest({"record": record, "sections": told})


def seal(content: str, signatures: Iterable[tuple[str, str]]) -> str:
    """Return the SHA-256 over a version's content and its (member id, instant) signatures."""
    return _digest({"content": content, "signatures": sorted(map(list, signatures))})


def needed_signatures(attended: int) -> int:
    """Return how many of those who attended approve the minutes: more than half."""
    return attended // 2 + 1


def _digest(value: Any) -> str:
    told = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(told.encode()).hexdigest()


def _lines(parts: Iterable[Text]) -> Text:
    found = list(parts)
    return Text("\n".join(p.en for p in found), "\n".join(p.ar for p in found))


def _opening(record: Record, scene: Scene) -> Text:
    name, events = heading(record), record["events"]
    sat = [e["at"] for e in events if e["kind"] == LogKind.CONVENED.value] or [scene.opened]
    days = scene.clock.days(sat)
    told = [Text(f"{name.en} was held on {days.en}.", f"عُقد {name.ar} بتاريخ {days.ar}.")]
    if record["meeting"]["is_closed"]:
        told.append(Text("The meeting was closed to the public.", "كان الاجتماع مغلقاً."))
    return _lines([*told, *_by_day(chronicle.sittings(events, scene), scene)])


def _movements(record: Record, scene: Scene) -> Text:
    told = _by_day(chronicle.movements(record["events"], scene), scene)
    return _lines(told or [Text("Nobody came or left.", "لم يحضر أحد أو ينصرف.")])


def _by_day(told: Sequence[chronicle.Told], scene: Scene) -> list[Text]:
    return scene.clock.by_day(told, scene.opened)


def _item(item: Mapping[str, Any], found: Breaks, scene: Scene) -> Section:
    told = [Text(item["body"], item["body"])] if item["body"] else []
    for document in item["documents"]:
        name, version = document["title"], document["version"]
        told.append(
            Text(f"Document: {name}; version {version}.", f"وثيقة: {name}، النسخة {version}.")
        )
    for motion in item["motions"]:
        told.append(Text(f"Motion: {motion['text']}", f"مقترح: {motion['text']}"))
        told += _decision(motion, found, scene)
    title = f"{item['position']}. {item['title']}"
    return Section(f"item-{item['position']}", Text(title, title), _lines(told))


def _decision(motion: Mapping[str, Any], found: Breaks, scene: Scene) -> list[Text]:
    told = [
        Text(
            f"{recusal['name_en']} stood aside: {recusal['reason']}",
            f"سُجّل تنحي {recusal['name_ar']}: {recusal['reason']}",
        )
        for recusal in motion["recusals"]
    ]
    for voted in motion["rounds"]:
        if voted["motion_id"] != motion["id"]:
            told.append(
                Text("It was voted on together with other motions.",
                     "جرى التصويت عليه مع مقترحات أخرى.")
            )  # fmt: skip
        told += chronicle.voting(voted, found, scene)
        told += _result(voted, found)
    if not motion["rounds"]:
        told.append(Text("It was not put to the vote.", "لم يُطرح للتصويت."))
    return told


def _result(voted: Mapping[str, Any], found: Breaks) -> list[Text]:
    told = []
    if voted["result"] is not None:
        told.append(Text(voted["result"]["en"], voted["result"]["ar"]))
    if voted["winner"] is not None:
        told.append(Text(f"Elected: {voted['winner']}.", f"المنتخب: {voted['winner']}."))
    if voted["annulled_reason"] is not None:
        told.append(
            Text(
                f"This voting was annulled: {voted['annulled_reason']}",
                f"أُلغي هذا التصويت: {voted['annulled_reason']}",
            )
        )
    elif voted["result"] is None and not chronicle.was_void(voted, found):
        told.append(Text("The voting led to no result.", "لم يسفر التصويت عن نتيجة."))
    return told


def _closing(record: Record, scene: Scene) -> Text:
    day, hour = scene.on_day(scene.ended), scene.clock.time(scene.ended)
    ended = [e for e in record["events"] if e["kind"] == LogKind.ENDED.value]
    reason = ended[-1]["data"].get("reason") if ended else None
    why = f" {reason}" if reason else ""
    return Text(
        f"The meeting ended{day.en} at {hour}.{why}", f"انتهى الاجتماع{day.ar} الساعة {hour}.{why}"
    )


def vote_rows(voted: Mapping[str, Any], language: Language) -> list[tuple[str, str, str]]:
    """Return (member, choice, weight) of each open ballot, for a table.

    Where somebody else cast it the choice says who did.
    """
    return [
        (
            Text(ballot["name_en"], ballot["name_ar"]).in_(language),
            _choice(ballot).in_(language),
            str(ballot["weight"]),
        )
        for ballot in voted["ballots"]
    ]


def _choice(ballot: Mapping[str, Any]) -> Text:
    named = Text(ballot["choice_name"], ballot["choice_name"])
    said = CHOICE_WORDS.get(ballot["choice"], named)
    if ballot["caster_id"] == ballot["member_id"]:
        return said
    return Text(
        f"{said.en}, by {ballot['caster_name_en']}",
        f"{said.ar}، أدلى به {ballot['caster_name_ar']}",
    )
