"""What the record of a meeting holds, and how the minutes tell it, over several days."""

from __future__ import annotations

import datetime as dt
from textwrap import dedent
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from bawaba.graphql import raw_id
from bawaba.text import Language
from bawaba_emeeting.domain import PRESENCE, LogKind
from bawaba_emeeting.models import MeetingMember, MeetingMinutes
from bawaba_emeeting.rules import minutes as law
from bawaba_emeeting.rules.attendance import attended
from bawaba_emeeting.services.minutes import sections_of
from hypothesis import given
from hypothesis import strategies as st

CHAIR = ("Abdulaziz Hamad Naar", "عبدالعزيز حمد النعار")
AWAY = ("Jassim Ali Marzooqi", "جاسم علي المرزوقي")
MONTHS = ("يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو", "يوليو", "أغسطس", "سبتمبر",
          "أكتوبر", "نوفمبر", "ديسمبر")  # fmt: skip
WEEKDAYS = ("الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد")


def day(instant: dt.datetime) -> tuple[str, str, str, str]:
    """Return a day in English and Arabic, and both with the day of the week before it."""
    here = instant.astimezone(ZoneInfo("Asia/Bahrain"))
    english, arabic = f"{here.day} {here:%B %Y}", f"{here.day} {MONTHS[here.month - 1]} {here.year}"
    return english, arabic, f"{here:%A}, {english}", f"{WEEKDAYS[here.weekday()]} {arabic}"


def raw(chamber: Any) -> str:
    return raw_id(chamber.meeting, "Meeting")


async def record(chamber: Any) -> Any:
    with chamber.host.unit():
        return (await MeetingMinutes.get(meeting_id=raw(chamber))).record


async def texts(chamber: Any) -> dict[str, tuple[list[str], list[str]]]:
    """Return the lines of each section in English and in Arabic."""
    with chamber.host.unit():
        row = await MeetingMinutes.get(meeting_id=raw(chamber))
        found = await sections_of(row.meeting_id, row.record, row.version)
    return {each.key: (each.body.en.split("\n"), each.body.ar.split("\n")) for each in found}


@pytest.fixture
async def resumed(chamber: Any) -> tuple[Any, list[tuple[str, str, str, str]]]:
    """Return a chamber and the days of its meeting: on the first too few came, on the second it
    sat and was adjourned, on the third it was resumed and ended; its minutes are drafted.
    """
    clock, motions = chamber.clock, []
    clock.instant = clock.now().replace(hour=7, minute=0, second=0, microsecond=0)
    clock.advance(days=1)  # 10:00 where the council sits
    days = [day(clock.now() + dt.timedelta(days=days)) for days in (0, 7, 9)]
    with chamber.host.unit():
        mine = raw_id(chamber.members["member-8"], "MeetingMember")
        await MeetingMember.filter(id=mine).update(weight=3)
    await chamber.arrive("chair", "member-2", "member-3")
    await chamber.do("member-7", "CheckIn", remote=True)
    await chamber.do("chair", "Convene")
    clock.advance(minutes=30)
    await chamber.do("chair", "Recount")
    later = (clock.now() + dt.timedelta(days=7)).isoformat()
    await chamber.do("operator", "Adjourn", resumesAt=later)
    clock.advance(days=7)
    gone = {"meetingId": chamber.meeting, "holderId": chamber.members["chair"], "weight": 2}
    proxy = await chamber.do("member-8", "GiveProxy", **gone)
    others = ("member-2", "member-4", "member-5", "member-6")
    await chamber.arrive("chair", "member-3", *others)
    await chamber.do("chair", "Convene")
    motions.append(await chamber.opened(text="Plant trees"))
    await chamber.vote(motions[0], chair="YES", member_2="YES", member_3="YES")
    fields = {"choice": "NO", "onBehalfOf": chamber.members["member-8"]}
    await chamber.do("chair", "CastVote", motionId=motions[0], **fields)
    for who in others:
        await chamber.attend(who, "LEFT")
    clock.advance(minutes=7)
    await chamber.arrive(*others)
    clock.advance(minutes=2)
    await chamber.closed(motions[0])
    later = (clock.now() + dt.timedelta(days=2)).isoformat()
    await chamber.do("chair", "Adjourn", reason="prayer", resumesAt=later)
    clock.advance(days=2, minutes=5)
    await chamber.arrive("chair", "member-2", "member-3")
    await chamber.do("chair", "Convene")
    await chamber.do("member-8", "RevokeProxy", proxyId=proxy["id"])
    await chamber.amend(onQuorumLoss="VOID")
    motions.append(await chamber.opened(text="Build a path"))
    clock.advance(minutes=1)
    await chamber.attend("member-3", "LEFT")
    await chamber.do("chair", "Adjourn")
    await chamber.run("meeting.draft", {"meeting": raw(chamber)})
    return chamber, days


async def test_minutes_of_several_days_tell_each_by_its_date(resumed: Any) -> None:
    chamber, (first, second, third) = resumed
    found = await texts(chamber)
    council, chair = "Extraordinary meeting no. 4 of the Muharraq Municipal Council", CHAIR[0]
    adjourned = f"; it meets again on {third[0]} at 10:39. Reason: prayer"
    assert (
        "\n".join(found["opening"][0])
        == dedent(f"""\
        {council} was held on {second[0]} and {third[0]}.
        {first[2]}:
        At 10:00, 4 of 8 members were present and 5 needed; the opening was put off until 10:30.
        At 10:30 the members were counted: 4 present, 5 needed.
        At 10:30 the meeting was adjourned for want of a quorum: 4 were present, 5 needed.
        At 10:30 it was decided to meet again on {second[0]} at 10:30.
        {second[2]}:
        At 10:30, with {quorum(6)}, the quorum was met, {chair} presiding; the meeting was opened.
        At 10:39 the meeting was adjourned{adjourned}
        {third[2]}:
        At 10:44, with {quorum(3)}, the quorum was met, {chair} presiding; the meeting was resumed.\
        """).rstrip()
    )
    assert found["closing"][0] == [f"The meeting ended on {third[0]} at 10:45."]


async def test_minutes_of_several_days_in_arabic(resumed: Any) -> None:
    chamber, (first, second, third) = resumed
    found = await texts(chamber)
    name, met = (
        "الاجتماع الاستثنائي رقم 4 لمجلس المحرق البلدي",
        "من الأعضاء البالغ عددهم 8 والمطلوب 3",
    )
    lacking = "بلغ الحضور 4 من الأعضاء البالغ عددهم 8 والنصاب 5؛ فأُرجئ الافتتاح حتى الساعة 10:30."
    adjourned = f"على أن ينعقد مجدداً يوم {third[1]} الساعة 10:39. السبب: prayer"
    assert (
        "\n".join(found["opening"][1])
        == dedent(f"""\
        عُقد {name} بتاريخ {second[1]} و{third[1]}.
        {first[3]}:
        في الساعة 10:00 {lacking}
        في الساعة 10:30 أُحصي الحضور: 4، والنصاب 5.
        في الساعة 10:30 أُجّل الاجتماع لعدم اكتمال النصاب: بلغ الحضور 4 والنصاب 5.
        في الساعة 10:30 تقرر أن ينعقد الاجتماع يوم {second[1]} الساعة 10:30.
        {second[3]}:
        في الساعة 10:30 اكتمل النصاب بحضور 6 {met}، برئاسة {CHAIR[1]}، فافتُتح الاجتماع.
        في الساعة 10:39 أُجّل الاجتماع، {adjourned}
        {third[3]}:
        في الساعة 10:44 اكتمل النصاب بحضور 3 {met}، برئاسة {CHAIR[1]}، فاستُؤنف الاجتماع.\
        """).rstrip()
    )
    assert found["closing"][1] == [f"انتهى الاجتماع يوم {third[1]} الساعة 10:45."]


def quorum(present: int) -> str:
    return f"{present} of 8 members present and 3 needed"


async def test_minutes_of_one_day_name_it_once(chamber: Any) -> None:
    chamber.clock.instant = chamber.clock.now().replace(hour=7, minute=0, second=0)
    chamber.clock.advance(days=1)
    await chamber.convened()
    await chamber.closed(await chamber.opened(text="Plant trees"))
    await chamber.do("chair", "Adjourn")
    await chamber.run("meeting.draft", {"meeting": raw(chamber)})
    found = await texts(chamber)
    told = "\n".join(line for english, _ in found.values() for line in english)
    assert told.count(day(chamber.clock.now())[0]) == 1
    assert found["opening"][0][-1].endswith("; the meeting was opened.")
    assert "The voting was open from 10:00 to 10:00." in found["item-2"][0]


async def test_minutes_tell_of_proxies_and_of_votes_interrupted(resumed: Any) -> None:
    chamber, (_, second, third) = resumed
    found = await texts(chamber)
    coming, arabic = found["attendance"]
    start = coming.index(f"{second[2]}:")
    assert coming[start + 1] == f"{AWAY[0]} gave a proxy, of weight 2, to {CHAIR[0]} at 10:30."
    assert arabic[start + 1] == f"توكيل بوزن 2 من {AWAY[1]} إلى {CHAIR[1]} الساعة 10:30."
    revoked = f"The proxy of {AWAY[0]} to {CHAIR[0]} was revoked at 10:44."
    assert coming.index(revoked) > coming.index(f"{third[2]}:") > start
    assert f"أُلغي التوكيل من {AWAY[1]} إلى {CHAIR[1]} الساعة 10:44." in arabic
    english, arabic = found["item-2"]
    place = english.index("Motion: Plant trees")
    assert english[place + 1 : place + 4] == [
        f"The voting was open on {second[0]} from 10:30 to 10:39.",
        "The voting was suspended at 10:30 for want of a quorum.",
        "The voting was resumed at 10:37.",
    ]
    assert arabic[place + 1 : place + 4] == [
        f"جرى التصويت يوم {second[1]} من الساعة 10:30 إلى الساعة 10:39.",
        "أُوقف التصويت الساعة 10:30 لعدم اكتمال النصاب.",
        "استُؤنف التصويت الساعة 10:37.",
    ]
    place = english.index("Motion: Build a path")
    assert english[place + 1 :] == [
        f"The voting was open on {third[0]} from 10:44 to 10:45.",
        "The voting became void at 10:45 for want of a quorum.",
    ]
    assert arabic[-1] == "بطل التصويت الساعة 10:45 لعدم اكتمال النصاب."


async def test_tables_of_votes_tell_who_cast_for_whom(resumed: Any) -> None:
    chamber, _ = resumed
    motions = (await record(chamber))["agenda"][1]["motions"]
    voted = next(each for each in motions if each["text"] == "Plant trees")["rounds"][0]
    for language, name, away, yes, said in (
        (Language.EN, CHAIR[0], AWAY[0], "Yes", "No, by {}"),
        (Language.AR, CHAIR[1], AWAY[1], "موافق", "غير موافق، أدلى به {}"),
    ):
        rows = {row[0]: row[1:] for row in law.vote_rows(voted, language)}
        assert rows[away] == (said.format(name), "2")
        assert rows[name] == (yes, "1")
        assert [*rows][0::3] == [name, away]  # by seniority


def line(kind: LogKind, member: str | None = None) -> dict[str, Any]:
    return {"kind": kind.value, "member_id": member}


def test_attending_is_being_there_while_the_meeting_sits() -> None:
    came, left, remote = LogKind.CHECKED_IN, LogKind.LEFT, LogKind.JOINED_REMOTELY
    events = [
        line(came, "early"), line(left, "early"),  # days before, and never again
        line(came, "chair"), line(remote, "far"), line(LogKind.EXCUSED, "ill"),
        line(came, "hasty"), line(LogKind.QUORUM_LACKING), line(left, "hasty"),
        line(LogKind.CONVENED), line(left, "far"), line(came, "late"), line(LogKind.ADJOURNED),
        line(left, "chair"), line(left, "late"), line(came, "between"), line(left, "between"),
        line(came, "chair"), line(came, "second"), line(LogKind.CONVENED), line(LogKind.ENDED),
        line(came, "after"),
    ]  # fmt: skip
    assert attended(events) == {"chair", "far", "late", "second"}
    assert attended([line(came, "chair"), line(LogKind.CANCELLED)]) == frozenset()


KINDS = [*PRESENCE, LogKind.CONVENED, LogKind.ADJOURNED, LogKind.ENDED, LogKind.RECOUNTED]


@given(st.lists(st.tuples(st.sampled_from(KINDS), st.sampled_from("abc")), max_size=30))
def test_who_attended_came_and_nobody_attends_what_never_sat(told: Any) -> None:
    events = [line(kind, who if kind in PRESENCE else None) for kind, who in told]
    found = attended(events)
    came = {LogKind.CHECKED_IN.value, LogKind.JOINED_REMOTELY.value}
    assert found <= {event["member_id"] for event in events if event["kind"] in came}
    assert not attended(e for e in events if e["kind"] != LogKind.CONVENED.value)
    for length in range(len(events)):  # what was attended stays so
        assert attended(events[:length]) <= found


async def test_a_motion_voted_on_en_bloc_and_again_by_itself_shows_both(chamber: Any) -> None:
    await chamber.convened()
    parts = [await chamber.proposed(text="First part"), await chamber.proposed(text="Second part")]
    bloc = await chamber.opened(text="All of it", enBloc=parts)
    await chamber.vote(bloc, chair="YES")
    await chamber.closed(bloc)
    await chamber.do("chair", "AnnulVoting", motionId=bloc, reason="separately, please")
    await chamber.do("chair", "OpenVoting", motionId=parts[0])
    await chamber.vote(parts[0], chair="NO")
    await chamber.closed(parts[0])
    await chamber.do("chair", "OpenVoting", motionId=bloc)  # of what is left of it
    await chamber.vote(bloc, chair="YES", member_2="YES")
    await chamber.closed(bloc)
    await chamber.do("chair", "Adjourn")
    await chamber.run("meeting.draft", {"meeting": raw(chamber)})
    motions = {each["text"]: each for each in (await record(chamber))["agenda"][1]["motions"]}
    both = [voted["id"] for voted in motions["All of it"]["rounds"]]
    assert len(both) == 2
    first, second = motions["First part"], motions["Second part"]
    assert [voted["id"] for voted in second["rounds"]] == both
    assert first["rounds"][0]["id"] == both[0]
    assert [voted["number"] for voted in first["rounds"]] == [1, 1]
    assert (first["outcome"], second["outcome"]) == ("REJECTED", "CARRIED")
    assert first["explanation_en"].startswith("Not carried: 0 yes, 1 no")
    assert second["explanation_en"].startswith("Carried: 2 yes, 0 no")
    told = (await texts(chamber))["item-2"][0]
    place = told.index("Motion: First part")
    assert told[place + 1] == "It was voted on together with other motions."
    assert told[place + 3].startswith("Carried: 1 yes")
    assert told[place + 4] == "This voting was annulled: separately, please"
    assert told[place + 6].startswith("Not carried: 0 yes, 1 no")
