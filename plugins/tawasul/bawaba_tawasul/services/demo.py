"""The demo: people, and a few thousand cases of two years, made by rule."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bawaba import db, people, runtime
from bawaba.plugin import DemoPerson, Grant, Progress
from bawaba.text import Text

from bawaba_tawasul.domain import WINDOW, FactKind, TawasulResolution, TawasulStatus, TawasulStep
from bawaba_tawasul.models import (
    TawasulCase,
    TawasulCategory,
    TawasulFact,
    TawasulHistory,
    TawasulMessage,
    TawasulTarget,
    TawasulTemplate,
    TawasulWords,
)
from bawaba_tawasul.rules import clockwork
from bawaba_tawasul.rules.access import HANDLE
from bawaba_tawasul.rules.texts import indexed
from bawaba_tawasul.services import categories
from bawaba_tawasul.services.book import Book, book
from bawaba_tawasul.services.demo_words import STORIES, Story
from bawaba_tawasul.services.offer import STARTING
from bawaba_tawasul.services.submitting import reference_of
from bawaba_tawasul.settings import TawasulSettings

_CITIZEN, _CITIZEN_2 = "880514237", "910805146"
PEOPLE = (
    DemoPerson("citizen", Text("Maryam Ali Hasan", "مريم علي حسن"), _CITIZEN),
    DemoPerson("citizen-2", Text("Yusuf Ahmed Salman", "يوسف أحمد سلمان"), _CITIZEN_2),
    DemoPerson(
        "case-handler",
        Text("Noora Jasim Fardan", "نورة جاسم فردان"),
        "850322114",
        (Grant("tawasul-handler", "works"),),
    ),
    DemoPerson(
        "case-supervisor",
        Text("Hamad Isa Buallay", "حمد عيسى بوعلاي"),
        "760918331",
        (Grant("tawasul-supervisor", "works"),),
    ),
    DemoPerson(
        "case-handler-2",
        Text("Zainab Abdulla Mansoor", "زينب عبدالله منصور"),
        "890127452",
        (Grant("tawasul-handler", "municipalities"),),
    ),
    DemoPerson(
        "coordinator",
        Text("Ebrahim Saleh Doseri", "إبراهيم صالح الدوسري"),
        "810615223",
        (
            Grant("tawasul-coordinator", "works"),
            Grant("tawasul-coordinator", "municipalities"),
        ),
    ),
    DemoPerson(
        "arbiter",
        Text("Dr. Layla Mohamed Ansari", "د. ليلى محمد الأنصاري"),
        "720430118",
        (Grant("tawasul-arbiter"),),
    ),
    DemoPerson(
        "performance-officer",
        Text("Salman Khalifa Noaimi", "سلمان خليفة النعيمي"),
        "830211904",
        (Grant("tawasul-performance-officer"),),
    ),
)
DAYS = 730
_PART = 250
_LATE_PERCENT = 6
"""As reported of 2016: 94 % of over 13,000 cases were answered on time."""
_OPEN_DAYS = 12
_SUBMITTER = "demo-person-"


@dataclass(frozen=True, slots=True)
class _Draw:
    """Numbers that look like chance and are the same every time."""

    seed: str

    def below(self, what: str, limit: int) -> int:
        """Return a number from 0 to ``limit`` - 1."""
        digest = hashlib.sha256(f"{self.seed}:{what}".encode()).digest()
        return int.from_bytes(digest[:8], "big") % limit


async def load(progress: Progress) -> None:
    """Enter categories, a template and the cases, once; goes on where it was broken off."""
    await categories.load(STARTING["agencies"])
    total = runtime.settings(TawasulSettings).demo_cases
    done = await TawasulCase.filter(submitter_id__startswith=_SUBMITTER).count()
    if done >= total:
        return
    await _templates()
    world = _World(await _categories(), await book(), await _handlers())
    for start in range(done, total, _PART):
        numbers = range(start, min(start + _PART, total))
        async with db.transaction():
            await _store([_make(number, world) for number in numbers])
        progress("Tawasul cases", numbers.stop, total)


@dataclass(frozen=True, slots=True)
class _World:
    """What the cases are made from; ``handlers`` by agency."""

    categories: Sequence[Mapping[str, Any]]
    calendars: Book
    handlers: Mapping[str, str]


async def _handlers() -> dict[str, str]:
    found: dict[str, str] = {}
    for agency in STARTING["agencies"]:
        for person in await people.holders(HANDLE, agency["code"], everywhere=False, limit=1):
            found[agency["code"]] = person.id
    return found


async def _categories() -> list[Mapping[str, Any]]:
    targets = {row["category_id"]: row for row in await TawasulTarget.all().values()}
    rows = await TawasulCategory.all().order_by("agency", "code").values()
    return [{**row, "targets": targets[row["id"]]} for row in rows]


async def _templates() -> None:
    if await TawasulTemplate.exists():
        return
    await TawasulTemplate.create(
        id=runtime.new_id(),
        agency="works",
        title="On its way",
        body_en="Thank you. Our team will be there within two working days.",
        body_ar="شكراً لك. سيكون فريقنا في الموقع خلال يومي عمل.",
        used=0,
    )


@dataclass(slots=True)
class _Made:
    case: TawasulCase
    category: Mapping[str, Any]
    facts: list[TawasulFact]
    lines: list[TawasulHistory]
    messages: list[TawasulMessage]


def _make(number: int, world: _World) -> _Made:
    draw, now = _Draw(str(number)), runtime.now()
    category = world.categories[draw.below("category", len(world.categories))]
    story = _story(category, draw)
    age = draw.below("age", DAYS * 24 * 60)
    if number % 20 == 0:
        age = draw.below("recent", _OPEN_DAYS * 24 * 60)
    at = (now - dt.timedelta(minutes=age + 5)).replace(microsecond=0)
    case = _case(category, story, at, draw, world.calendars)
    made = _Made(case, category, [_fact(case, FactKind.RECEIVED, at)], [], [])
    _line(made, TawasulStep.SUBMITTED, None, at, "CITIZEN")
    _message(made, TawasulStep.SUBMITTED, story.body(draw.below("language", 2)), at, "CITIZEN")
    _live(made, draw, world.calendars, now)
    if case.stopped_at is None and draw.below("assigned", 2):
        _assign(made, world.handlers.get(case.agency))
    return made


def _assign(made: _Made, handler: str | None) -> None:
    """Give an open case to its agency's handler, if the demo has one."""
    case = made.case
    if handler is not None:
        case.assignee_id, case.status = handler, TawasulStatus.ASSIGNED.value
        at = case.submitted_at + dt.timedelta(minutes=3)
        _line(made, TawasulStep.ASSIGNED, TawasulStatus.SUBMITTED.value, at, "AGENCY")


def _story(category: Mapping[str, Any], draw: _Draw) -> Story:
    stories = STORIES.get(category["code"]) or STORIES["*"]
    return stories[draw.below("story", len(stories))]


def _case(
    category: Mapping[str, Any],
    story: Story,
    at: dt.datetime,
    draw: _Draw,
    calendars: Book,
) -> TawasulCase:
    calendar, targets = calendars.of(category["agency"]), category["targets"]
    case_id = runtime.new_id()
    words = draw.below("language", 2)
    target = clockwork.target_minutes(calendar, runtime.local_day(at), targets["resolution_days"])
    return TawasulCase(
        id=case_id,
        reference=reference_of(case_id),
        kind=category["kind"],
        status=TawasulStatus.SUBMITTED.value,
        agency=category["agency"],
        category_id=category["id"],
        category=category["code"],
        subject=story.subject(words),
        body=story.body(words),
        channel=("PORTAL", "MOBILE_APP", "CALL_CENTRE", "KIOSK")[draw.below("channel", 4)],
        submitter_id=f"{_SUBMITTER}{draw.below('person', 400)}",
        hide_identity=draw.below("hidden", 12) == 0,
        submitted_at=at,
        started_at=at,
        segments=[[at.isoformat(), category["agency"]]],
        pauses=[],
        excluded=[],
        target_minutes=target,
        first_reply_minutes=targets["first_reply_hours"] * 60,
        calendar=calendars.number(category["agency"]),
        **dict.fromkeys(("steps", "escalation_level", "reopenings", "transfers", "declines"), 0),
        **dict.fromkeys(("followers", "spent_before"), 0),
        late_once=False,
        settled=False,
        address="",
    )


def _live(made: _Made, draw: _Draw, calendars: Book, now: dt.datetime) -> None:
    """Let the case live: resolved in time, or late, or still open."""
    case = made.case
    run = clockwork.run_of(case.started_at, case.segments, case.pauses, calendars.of)
    late = draw.below("late", 100) < _LATE_PERCENT
    share = 101 + draw.below("share", 80) if late else 10 + draw.below("share", 85)
    minutes = case.target_minutes * share // 100
    end = run.reaches(dt.timedelta(minutes=minutes))
    ladder = calendars.ladder(case.agency, runtime.local_day(case.started_at))
    if end > now:
        spent = clockwork.spent(run, now) * 100
        case.escalation_level = sum(spent >= rung.percent * case.target_minutes for rung in ladder)
    found = clockwork.deadline(
        run, case.target_minutes, case.first_reply_minutes, case.escalation_level, ladder
    )
    case.due_at, case.first_reply_due_at = found.due_at, found.first_reply_due_at
    case.escalates_at = found.escalates_at
    if end > now:
        return
    _resolve(made, end, minutes, now, draw)


def _resolve(made: _Made, end: dt.datetime, minutes: int, now: dt.datetime, draw: _Draw) -> None:
    case = made.case
    case.on_time = minutes <= case.target_minutes
    case.late_once = not case.on_time
    case.status, case.stopped_at, case.resolved_at = "RESOLVED", end, end
    case.first_resolved_at, case.resolved_minutes = end, minutes
    case.resolution = tuple(TawasulResolution)[draw.below("resolution", 5)].value
    case.first_replied_at, case.escalates_at = end, None
    case.closes_at = end + WINDOW
    _line(made, TawasulStep.RESOLVED, "SUBMITTED", end, "AGENCY")
    _message(
        made, TawasulStep.RESOLVED, "تمت المعالجة، شكراً لتواصلكم. Done, thank you.", end, "AGENCY"
    )
    for kind in (FactKind.FIRST_RESOLVED, FactKind.RESOLVED):
        made.facts.append(_fact(case, kind, end, minutes=minutes))
    if draw.below("rated", 3) == 0:
        case.rating_score = 5 - draw.below("score", 3) - draw.below("score2", 2)
        case.rated_at = min(end + dt.timedelta(days=1), now)
        made.facts.append(_fact(case, FactKind.RATED, case.rated_at, score=case.rating_score))
    if case.closes_at <= now:
        _line(made, TawasulStep.CLOSED, "RESOLVED", case.closes_at, "PLATFORM")


def _fact(
    case: TawasulCase, kind: FactKind, at: dt.datetime, *, minutes: int = 0, score: int = 0
) -> TawasulFact:
    return TawasulFact(
        kind=kind.value,
        day=runtime.local_day(at),
        agency=case.agency,
        category=case.category,
        on_time=bool(case.on_time),
        minutes=minutes,
        score=score,
        folded=False,
    )


def _line(made: _Made, step: TawasulStep, before: str | None, at: dt.datetime, side: str) -> None:
    case = made.case
    case.steps += 1
    status = case.status if step is not TawasulStep.CLOSED else TawasulStatus.CLOSED.value
    case.status = status
    made.lines.append(
        TawasulHistory(
            id=runtime.new_id(),
            case_id=case.id,
            number=case.steps,
            at=at,
            kind=step.value,
            status_from=before,
            status_to=status,
            note="",
            public=step is not TawasulStep.ASSIGNED,
            agency=case.agency,
            actor_kind=side,
        )
    )


def _message(made: _Made, step: TawasulStep, body: str, at: dt.datetime, side: str) -> None:
    case = made.case
    made.messages.append(
        TawasulMessage(
            id=runtime.new_id(),
            case_id=case.id,
            kind=step.value,
            author_kind=side,
            author_id=case.submitter_id if side == "CITIZEN" else "demo-team",
            agency=case.agency,
            body=body,
            sent_at=at,
        )
    )


async def _store(made: Sequence[_Made]) -> None:
    await TawasulCase.bulk_create([one.case for one in made])
    await TawasulWords.bulk_create(list(_words(made)))
    await TawasulFact.bulk_create([fact for one in made for fact in one.facts])
    await TawasulHistory.bulk_create([line for one in made for line in one.lines])
    await TawasulMessage.bulk_create([message for one in made for message in one.messages])


def _words(made: Sequence[_Made]) -> Iterator[TawasulWords]:
    for one in made:
        case, category = one.case, one.category
        texts = (case.reference, case.subject, case.body, category["name_en"], category["name_ar"])
        words = indexed(texts, agency=case.agency)
        yield TawasulWords(case_id=case.id, words=words, is_open=case.stopped_at is None)
