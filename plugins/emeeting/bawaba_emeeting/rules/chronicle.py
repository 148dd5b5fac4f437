"""The log told in both languages: openings and adjournments, who came and left, votes. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bawaba.text import Text

from bawaba_emeeting.domain import LogKind
from bawaba_emeeting.rules.clockface import Clockface

Event = Mapping[str, Any]
Told = tuple[str, Text]
"""An instant, and the line that tells what happened then."""
NO_QUORUM = "NO_QUORUM"
"""The reason of an adjournment by which a recount sends the members home."""
_OPENED = Text("the meeting was opened", "فافتُتح الاجتماع")
_RESUMED = Text("the meeting was resumed", "فاستُؤنف الاجتماع")
_SOMEBODY = Text("a member", "عضو")


@dataclass(frozen=True, slots=True)
class Scene:
    """What lines are told with: the clock, and the members' names by id.

    Args:
        opened, ended: the instants at which the meeting was first opened, and ended.
    """

    clock: Clockface
    names: Mapping[str, Text]
    opened: str
    ended: str

    def name(self, member_id: str | None) -> Text:
        """Return a member's name."""
        return self.names.get(member_id or "", _SOMEBODY)

    def on_day(self, instant: str) -> Text:
        """Return " on" the day, for a meeting over several; empty where one day is all."""
        days = [self.opened, self.ended, instant]
        if all(self.clock.same_day(day, self.opened) for day in days):
            return Text("", "")
        day = self.clock.day(instant)
        return Text(f" on {day.en}", f" يوم {day.ar}")


def sittings(events: Sequence[Event], scene: Scene) -> list[Told]:
    """Return how the meeting was opened, adjourned and resumed, and the quorum each time."""
    told: list[Told] = []
    sat = adjourned = False
    for event in events:
        kind = event["kind"]
        if kind == LogKind.CONVENED.value:
            line = _convened(event, scene, _RESUMED if sat else _OPENED)
            sat, adjourned = True, False
        elif kind == LogKind.ADJOURNED.value:
            line = _moved(event, scene) if adjourned else _adjourned(event, scene)
            adjourned = True
        elif kind == LogKind.QUORUM_LACKING.value:
            line, adjourned = _lacking(event, scene), False
        elif kind == LogKind.RECOUNTED.value:
            line = _recounted(event, scene)
        else:
            continue
        told.append((event["at"], line))
    return told


def _lacking(event: Event, scene: Scene) -> Text:
    data, hour = event["data"], scene.clock.time(event["at"])
    until = scene.clock.moment(data["until"], event["at"])
    return Text(
        f"At {hour}, {data['present']} of {data['entitled']} members were present and"
        f" {data['required']} needed; the opening was put off until {until.en}.",
        f"في الساعة {hour} بلغ الحضور {data['present']} من الأعضاء البالغ عددهم"
        f" {data['entitled']} والنصاب {data['required']}؛ فأُرجئ الافتتاح حتى الساعة {until.ar}.",
    )


def _recounted(event: Event, scene: Scene) -> Text:
    data, hour = event["data"], scene.clock.time(event["at"])
    return Text(
        f"At {hour} the members were counted: {data['present']} present, {data['required']}"
        " needed.",
        f"في الساعة {hour} أُحصي الحضور: {data['present']}، والنصاب {data['required']}.",
    )


def _convened(event: Event, scene: Scene, then: Text) -> Text:
    data, hour = event["data"], scene.clock.time(event["at"])
    chair = scene.names.get(data.get("chair", ""), Text("the chair", "الرئيس"))
    return Text(
        f"At {hour}, with {data['present']} of {data['entitled']} members present and"
        f" {data['required']} needed, the quorum was met, {chair.en} presiding; {then.en}.",
        f"في الساعة {hour} اكتمل النصاب بحضور {data['present']} من الأعضاء البالغ عددهم"
        f" {data['entitled']} والمطلوب {data['required']}، برئاسة {chair.ar}، {then.ar}.",
    )


def _adjourned(event: Event, scene: Scene) -> Text:
    hour, want, why = scene.clock.time(event["at"]), _want(event), _why(event)
    when = _when(event, scene)
    until = (
        Text(f"; it meets again {when.en}", f"، على أن ينعقد مجدداً {when.ar}") if when else _NOTHING
    )
    return Text(
        f"At {hour} the meeting was adjourned{want.en}{until.en}.{why.en}",
        f"في الساعة {hour} أُجّل الاجتماع{want.ar}{until.ar}.{why.ar}",
    )


def _moved(event: Event, scene: Scene) -> Text:
    """Tell that a meeting which was adjourned already got a date, or another one."""
    hour, when, why = scene.clock.time(event["at"]), _when(event, scene) or _NOTHING, _why(event)
    return Text(
        f"At {hour} it was decided to meet again {when.en}.{why.en}",
        f"في الساعة {hour} تقرر أن ينعقد الاجتماع {when.ar}.{why.ar}",
    )


_NOTHING = Text("", "")


def _want(event: Event) -> Text:
    data = event["data"]
    if data.get("reason") != NO_QUORUM:
        return _NOTHING
    return Text(
        f" for want of a quorum: {data['present']} were present, {data['required']} needed",
        f" لعدم اكتمال النصاب: بلغ الحضور {data['present']} والنصاب {data['required']}",
    )


def _why(event: Event) -> Text:
    """Return the reason that somebody gave, as a sentence that it ends."""
    reason = event["data"].get("reason")
    if not reason or reason == NO_QUORUM:
        return _NOTHING
    return Text(f" Reason: {reason}", f" السبب: {reason}")


def _when(event: Event, scene: Scene) -> Text | None:
    until = event["data"].get("resumes_at")
    if until is None:
        return None
    day, hour = scene.clock.day(until), scene.clock.time(until)
    return Text(f"on {day.en} at {hour}", f"يوم {day.ar} الساعة {hour}")


_MOVES = {
    LogKind.CHECKED_IN.value: Text("{name} was present from {at}.", "سُجّل حضور {name} الساعة {at}."),
    LogKind.JOINED_REMOTELY.value: Text(
        "{name} took part remotely from {at}.", "سُجّلت مشاركة {name} عن بعد من الساعة {at}."
    ),
    LogKind.LEFT.value: Text("{name} left at {at}.", "سُجّل انصراف {name} الساعة {at}."),
    LogKind.EXCUSED.value: Text("{name} was excused.", "سُجّل اعتذار {name}."),
    LogKind.MARKED_ABSENT.value: Text("{name} was absent.", "سُجّل غياب {name}."),
}


def movements(events: Sequence[Event], scene: Scene) -> list[Told]:
    """Return who came and left, and who gave their vote to whom."""
    given = {e["subject_id"]: e for e in events if e["kind"] == LogKind.PROXY_GIVEN.value}
    told: list[Told] = []
    for event in events:
        kind = event["kind"]
        if kind in _MOVES and not event["data"].get("adjourned"):
            told.append((event["at"], _move(event, scene)))
        elif kind in _PROXIES and event["subject_id"] in given:
            told.append((event["at"], _PROXIES[kind](given[event["subject_id"]], event, scene)))
    return told


def _move(event: Event, scene: Scene) -> Text:
    name, said = scene.name(event["member_id"]), _MOVES[event["kind"]]
    at, why = scene.clock.time(event["at"]), _why(event)
    return Text(
        said.en.format(name=name.en, at=at) + why.en, said.ar.format(name=name.ar, at=at) + why.ar
    )


def _given(given: Event, event: Event, scene: Scene) -> Text:
    giver, holder = scene.name(given["member_id"]), scene.name(given["data"]["holder"])
    hour, weight = scene.clock.time(event["at"]), given["data"]["weight"]
    much = Text(f", of weight {weight},", f" بوزن {weight}") if weight > 1 else _NOTHING
    return Text(
        f"{giver.en} gave a proxy{much.en} to {holder.en} at {hour}.",
        f"توكيل{much.ar} من {giver.ar} إلى {holder.ar} الساعة {hour}.",
    )


def _revoked(given: Event, event: Event, scene: Scene) -> Text:
    giver, holder = scene.name(given["member_id"]), scene.name(given["data"]["holder"])
    hour = scene.clock.time(event["at"])
    return Text(
        f"The proxy of {giver.en} to {holder.en} was revoked at {hour}.",
        f"أُلغي التوكيل من {giver.ar} إلى {holder.ar} الساعة {hour}.",
    )


_PROXIES: dict[str, Callable[[Event, Event, Scene], Text]] = {
    LogKind.PROXY_GIVEN.value: _given,
    LogKind.PROXY_REVOKED.value: _revoked,
}
_BREAKS = {
    LogKind.VOTING_SUSPENDED.value: Text(
        "The voting was suspended at {at} for want of a quorum.",
        "أُوقف التصويت الساعة {at} لعدم اكتمال النصاب.",
    ),
    LogKind.VOTING_RESUMED.value: Text(
        "The voting was resumed at {at}.", "استُؤنف التصويت الساعة {at}."
    ),
    LogKind.VOTING_VOID.value: Text(
        "The voting became void at {at} for want of a quorum.",
        "بطل التصويت الساعة {at} لعدم اكتمال النصاب.",
    ),
}
Breaks = Mapping[tuple[str, int], list[Event]]
"""What befell rounds of voting, by their motion's id and their number."""


def breaks(events: Sequence[Event]) -> Breaks:
    """Return when the voting was suspended, resumed or void, by round."""
    numbers: dict[str, int] = {}
    found: dict[tuple[str, int], list[Event]] = {}
    for event in events:
        if event["kind"] == LogKind.VOTING_OPENED.value:
            numbers[event["subject_id"]] = event["data"]["round"]
        elif event["kind"] in _BREAKS and event["subject_id"] in numbers:
            key = event["subject_id"], numbers[event["subject_id"]]
            found.setdefault(key, []).append(event)
    return found


def voting(voted: Mapping[str, Any], found: Breaks, scene: Scene) -> list[Text]:
    """Return from when to when a round of voting was open, and what befell it."""
    day, opened = scene.on_day(voted["opened_at"]), scene.clock.time(voted["opened_at"])
    closed = scene.clock.moment(voted["closed_at"] or voted["opened_at"], voted["opened_at"])
    told = [
        Text(
            f"The voting was open{day.en} from {opened} to {closed.en}.",
            f"جرى التصويت{day.ar} من الساعة {opened} إلى الساعة {closed.ar}.",
        )
    ]
    for event in found.get((voted["motion_id"], voted["number"]), ()):
        at, said = scene.clock.moment(event["at"], voted["opened_at"]), _BREAKS[event["kind"]]
        told.append(Text(said.en.format(at=at.en), said.ar.format(at=at.ar)))
    return told


def was_void(voted: Mapping[str, Any], found: Breaks) -> bool:
    """Return whether the log says that a round became void."""
    mine = found.get((voted["motion_id"], voted["number"]), ())
    return any(event["kind"] == LogKind.VOTING_VOID.value for event in mine)
