"""The minutes, written from a meeting's record: sections of text in both languages.

The record is JSON, made from the rows and the log when the meeting ends:
``meeting``, ``council``, ``members`` (with names), ``agenda`` (items with documents and motions)
and ``events`` (the log). Instants are ISO 8601 in UTC; they are shown in the council's zone.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from babel import dates
from bawaba.text import Language, Text

from bawaba_emeeting.domain import LogKind
from bawaba_emeeting.rules.printed_words import CHOICE_WORDS, KIND_WORDS

Record = Mapping[str, Any]
OPENING, ATTENDANCE, CLOSING = "opening", "attendance", "closing"
_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩", "0123456789")


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the minutes that can be amended; ``key`` is stable."""

    key: str
    title: Text
    body: Text


@dataclass(frozen=True, slots=True)
class Clockface:
    """Shows instants where the council sits."""

    timezone: str

    def time(self, instant: str) -> str:
        """Return the time of day, e.g. 10:30."""
        return f"{self._local(instant):%H:%M}"

    def day(self, instant: str) -> Text:
        """Return the day, e.g. 24 November 2026."""
        day = self._local(instant).date()
        words = [dates.format_date(day, "d MMMM y", locale=name) for name in ("en", "ar_BH")]
        return Text(words[0], words[1].translate(_DIGITS))

    def _local(self, instant: str) -> dt.datetime:
        return dt.datetime.fromisoformat(instant).astimezone(ZoneInfo(self.timezone))


def heading(record: Record) -> Text:
    """Return the name of the meeting: "Extraordinary meeting no. 4 of …"."""
    meeting, council = record["meeting"], record["council"]
    kind = KIND_WORDS[meeting["kind"]]
    return Text(
        f"{kind.en} no. {meeting['number']} of the {council['name_en']}",
        f"{kind.ar} رقم {meeting['number']} لـ{council['name_ar']}",
    )


def sections(record: Record, timezone: str) -> list[Section]:
    """Return the minutes as they write themselves."""
    clock = Clockface(timezone)
    return [
        Section(OPENING, Text("Opening", "الافتتاح"), _opening(record, clock)),
        Section(ATTENDANCE, Text("Arrivals and departures", "الحضور والانصراف"),
                _movements(record, clock)),
        *(_item(item) for item in record["agenda"]),
        Section(CLOSING, Text("Closing", "الختام"), _closing(record, clock)),
    ]  # fmt: skip


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


def _names(record: Record) -> Mapping[str, Text]:
    return {m["id"]: Text(m["name_en"], m["name_ar"]) for m in record["members"]}


def _lines(parts: Iterable[Text]) -> Text:
    found = list(parts)
    return Text("\n".join(p.en for p in found), "\n".join(p.ar for p in found))


def _opening(record: Record, clock: Clockface) -> Text:
    meeting, name = record["meeting"], heading(record)
    day, hour = clock.day(meeting["convened_at"]), clock.time(meeting["convened_at"])
    told = [Text(f"{name.en} was held on {day.en}.", f"عُقد {name.ar} بتاريخ {day.ar}.")]
    if meeting["is_closed"]:
        told.append(Text("The meeting was closed to the public.", "كان الاجتماع مغلقاً."))
    events = [e for e in record["events"] if e["kind"] in _OPENERS]
    told += [_OPENERS[event["kind"]](event, clock, _names(record)) for event in events]
    told.append(Text(f"The meeting opened at {hour}.", f"افتُتح الاجتماع الساعة {hour}."))
    return _lines(told)


Event = Mapping[str, Any]
Say = Callable[[Event, Clockface, Mapping[str, Text]], Text]


def _lacking(event: Event, clock: Clockface, _: Mapping[str, Text]) -> Text:
    data, hour, until = event["data"], clock.time(event["at"]), clock.time(event["data"]["until"])
    return Text(
        f"At {hour} {data['present']} of {data['entitled']} members were present, of the"
        f" {data['required']} needed; the opening was put off until {until}.",
        f"في الساعة {hour} بلغ الحضور {data['present']} من أصل {data['entitled']} عضواً والنصاب"
        f" {data['required']}؛ فأُرجئ الافتتاح حتى {until}.",
    )


def _recounted(event: Event, clock: Clockface, _: Mapping[str, Text]) -> Text:
    data, hour = event["data"], clock.time(event["at"])
    return Text(
        f"At {hour} the members were counted: {data['present']} present, {data['required']}"
        " needed.",
        f"في الساعة {hour} أُحصي الحضور: {data['present']}، والنصاب {data['required']}.",
    )


def _convened(event: Event, clock: Clockface, names: Mapping[str, Text]) -> Text:
    data, hour = event["data"], clock.time(event["at"])
    chair = names.get(data.get("chair", ""), Text("the chair", "الرئيس"))
    return Text(
        f"At {hour}, with {data['present']} of {data['entitled']} members present and"
        f" {data['required']} needed, the quorum was met, {chair.en} presiding.",
        f"في الساعة {hour} اكتمل النصاب بحضور {data['present']} من أصل {data['entitled']} عضواً"
        f" والمطلوب {data['required']}، برئاسة {chair.ar}.",
    )


_OPENERS: dict[str, Say] = {
    LogKind.QUORUM_LACKING.value: _lacking,
    LogKind.RECOUNTED.value: _recounted,
    LogKind.CONVENED.value: _convened,
}
_MOVES = {
    LogKind.CHECKED_IN.value: Text("{name} was present from {at}.", "حضر {name} الساعة {at}."),
    LogKind.JOINED_REMOTELY.value: Text(
        "{name} took part remotely from {at}.", "شارك {name} عن بعد من الساعة {at}."
    ),
    LogKind.LEFT.value: Text("{name} left at {at}.", "انصرف {name} الساعة {at}."),
    LogKind.EXCUSED.value: Text("{name} was excused.{why}", "اعتذر {name}.{why}"),
    LogKind.MARKED_ABSENT.value: Text("{name} was absent.{why}", "تغيب {name}.{why}"),
}


def _movements(record: Record, clock: Clockface) -> Text:
    names, told = _names(record), []
    for event in record["events"]:
        if event["kind"] not in _MOVES or event["data"].get("adjourned"):
            continue
        name = names.get(event["member_id"], Text("A member", "عضو"))
        why = f" ({event['data']['reason']})" if event["data"].get("reason") else ""
        at, said = clock.time(event["at"]), _MOVES[event["kind"]]
        told.append(
            Text(
                said.en.format(name=name.en, at=at, why=why),
                said.ar.format(name=name.ar, at=at, why=why),
            )
        )
    return _lines(told or [Text("Nobody came or left.", "لم يحضر أحد أو ينصرف.")])


def _item(item: Mapping[str, Any]) -> Section:
    told = [Text(item["body"], item["body"])] if item["body"] else []
    for document in item["documents"]:
        name, version = document["title"], document["version"]
        told.append(
            Text(f"Document: {name}; version {version}.", f"وثيقة: {name}، النسخة {version}.")
        )
    for motion in item["motions"]:
        told.append(Text(f"Motion: {motion['text']}", f"مقترح: {motion['text']}"))
        told += _decision(motion)
    title = f"{item['position']}. {item['title']}"
    return Section(f"item-{item['position']}", Text(title, title), _lines(told))


def _decision(motion: Mapping[str, Any]) -> list[Text]:
    told = [
        Text(
            f"{recusal['name_en']} stood aside: {recusal['reason']}",
            f"تنحى {recusal['name_ar']}: {recusal['reason']}",
        )
        for recusal in motion["recusals"]
    ]
    for voted in motion["rounds"]:
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
        elif voted["result"] is None:
            told.append(
                Text("The voting became void for want of a quorum.",
                     "بطل التصويت لعدم اكتمال النصاب.")
            )  # fmt: skip
    if not motion["rounds"]:
        told.append(Text("It was not put to the vote.", "لم يُطرح للتصويت."))
    return told


def _closing(record: Record, clock: Clockface) -> Text:
    hour = clock.time(record["meeting"]["ended_at"])
    ended = [e for e in record["events"] if e["kind"] == LogKind.ENDED.value]
    reason = ended[-1]["data"].get("reason") if ended else None
    why = f" {reason}" if reason else ""
    return Text(f"The meeting ended at {hour}.{why}", f"انتهى الاجتماع الساعة {hour}.{why}")


def vote_rows(voted: Mapping[str, Any], language: Language) -> list[tuple[str, str, str]]:
    """Return (member, choice, weight) of each open ballot, for a table."""
    arabic = language is Language.AR
    name = "name_ar" if arabic else "name_en"
    return [
        (
            ballot[name],
            CHOICE_WORDS[ballot["choice"]].in_(language)
            if ballot["choice"] in CHOICE_WORDS
            else ballot["choice_name"],
            str(ballot["weight"]),
        )
        for ballot in voted["ballots"]
    ]
