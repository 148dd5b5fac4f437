"""Seats: entered, changed and ended from a file; the secretary's; and a council's second term."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest
from bawaba import db
from bawaba.host.identity.models import Person, RoleGrant
from bawaba_emeeting.models import MeetingCouncil, MeetingMember, MeetingTerm
from bawaba_emeeting.services import commands

MUHARRAQ, NEW = "muharraq-municipal", "hidd"
HEAD = f'[[councils]]\ncode = "{NEW}"\nen = "Hidd"\nar = "الحد"\nseats = 3\n'
OLD = f'[[councils]]\ncode = "{MUHARRAQ}"\n'


def members(*given: str) -> str:
    return "members = [" + ", ".join(f"{{ {each} }}" for each in given) + "]\n"


@pytest.fixture
def enter(chamber: Any, tmp_path: Path, capsys: Any) -> Any:
    """Return what runs the command on a file's text; it returns what was told of errors."""

    async def run(text: str) -> str:
        file = tmp_path / "councils.toml"
        file.write_text(text, encoding="utf-8")
        with chamber.host.unit():
            code = await commands.load_councils(file)
        told = str(capsys.readouterr().err)
        assert (code == 1) is bool(told)
        return told

    return run


async def seats(chamber: Any, handle: str, code: str = MUHARRAQ) -> list[tuple[Any, ...]]:
    """Return (role, weight, whether it stands) of the seats that a person had, oldest first."""
    with chamber.host.unit():
        person, council = await Person.get(subject=handle), await MeetingCouncil.get(code=code)
        rows = MeetingMember.filter(person_id=person.id, council_id=council.id)
        found = await rows.order_by("since", "id").values("role", "weight", "left_at")
        return [(row["role"], row["weight"], row["left_at"] is None) for row in found]


async def rights(chamber: Any, handle: str, code: str = MUHARRAQ) -> list[Any]:
    with chamber.host.unit():
        person = await Person.get(subject=handle)
        rows = RoleGrant.filter(person_id=person.id, scope=code)
        return await rows.order_by("role").values_list("role", flat=True)


async def audited(chamber: Any) -> list[tuple[str, Any]]:
    with chamber.host.unit():
        rows = await db.fetch(
            "SELECT action, detail FROM core_audit WHERE action LIKE 'meeting.member.%'"
            " ORDER BY number"
        )
        return [(row["action"], orjson.loads(row["detail"])["role"]) for row in rows]


async def told(chamber: Any) -> int:
    """Return how often watchers of meetings were told that a council changed."""
    with chamber.host.unit():
        rows = await db.fetch("SELECT topic FROM core_outbox WHERE kind = 'COUNCIL_CHANGED'")
        return len(rows)


async def test_who_left_has_neither_seat_nor_right(chamber: Any, enter: Any) -> None:
    assert await seats(chamber, "member-3") == [("MEMBER", 1, True)]
    assert (await chamber.screen())["quorum"]["entitled"] == 8
    for _ in range(2):  # what has ended stays so
        assert not await enter(OLD + members('person = "member-3", left = true'))
    assert await seats(chamber, "member-3") == [("MEMBER", 1, False)]
    assert await rights(chamber, "member-3") == []
    assert await audited(chamber) == [("meeting.member.left", "MEMBER")]
    assert await told(chamber) == 1
    assert (await chamber.screen())["quorum"]["entitled"] == 7
    assert await chamber.refuses("member-3", "CheckIn") == "FORBIDDEN"
    # Coming back is a new seat.
    assert not await enter(OLD + members('person = "member-3", role = "MEMBER", weight = 2'))
    assert await seats(chamber, "member-3") == [("MEMBER", 1, False), ("MEMBER", 2, True)]
    await chamber.do("member-3", "CheckIn")


async def test_who_is_named_as_they_are_stays(chamber: Any, enter: Any) -> None:
    with chamber.host.unit():
        before = await MeetingMember.all().order_by("id").values()
    same = ('person = "member-2"', 'person = "chair", role = "CHAIR", seniority = 7')
    assert not await enter(OLD + members(*same, 'person = "member-4", left = false'))
    with chamber.host.unit():
        assert await MeetingMember.all().order_by("id").values() == before
    assert (await audited(chamber), await told(chamber)) == ([], 0)


async def test_a_changed_role_or_weight_is_a_new_seat(chamber: Any, enter: Any) -> None:
    chamber.clock.advance(hours=1)
    changed = (
        # The chair's successor stands before the chair: the old seats end first.
        'person = "member-2", role = "CHAIR"',
        'person = "chair", role = "MEMBER"',
        'person = "member-3", weight = 3',
        'person = "member-4", role = "OPERATOR"',
        'person = "operator", role = "SECRETARY"',
    )
    assert not await enter(OLD + members(*changed))
    assert await seats(chamber, "member-2") == [("DEPUTY", 1, False), ("CHAIR", 1, True)]
    assert await seats(chamber, "chair") == [("CHAIR", 1, False), ("MEMBER", 1, True)]
    assert await seats(chamber, "member-3") == [("MEMBER", 1, False), ("MEMBER", 3, True)]
    assert await seats(chamber, "member-4") == [("MEMBER", 1, False), ("OPERATOR", 1, True)]
    assert await rights(chamber, "member-2") == ["meeting-member"]
    assert await rights(chamber, "member-4") == ["meeting-operator"]
    assert await rights(chamber, "operator") == ["meeting-member"]
    assert len(await audited(chamber)) == 10
    assert await told(chamber) == 1
    # Seniority stays: the former chair is still the most senior member.
    listed = await chamber.look("member-4", LISTED)
    shown = [(m["role"], m["votingWeight"]) for m in listed["meetingCouncil"]["members"]["nodes"]]
    assert shown[:3] == [("MEMBER", 1), ("CHAIR", 1), ("MEMBER", 3)]
    assert (await chamber.do("member-4", "Convene"))["status"] == "WAITING_FOR_QUORUM"
    assert await chamber.refuses("operator", "Convene") == "MEETING_NOT_PRESIDING"


LISTED = """{ meetingCouncil(code: "muharraq-municipal") {
  members(first: 100) { nodes { role votingWeight } } } }"""


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (['person = "gallery", role = "CHAIR"'], "2 would hold the seat CHAIR, one may"),
        (['person = "gallery", role = "OPERATOR"'], "2 would hold the seat OPERATOR"),
        (['person = "gallery", role = "KING"'], "role of 'gallery' is one of CHAIR, DEPUTY"),
        (['person = "gallery"'], "role of 'gallery' is one of"),
        (['person = "member-3", weight = 51'], "weight of 'member-3' is 1 to 50"),
        (['person = "member-3", weight = 0'], "weight of 'member-3' is 1 to 50"),
        (['person = "member-3", left = "yes"'], "left of 'member-3' is true or false"),
        (['person = "member-3", leave = true'], "'member-3' has an unknown 'leave'"),
        (['person = "member-3"', 'person = "member-3"'], "'member-3' stands there twice"),
        (['role = "MEMBER"'], "person is missing"),
    ],
)
async def test_a_council_is_entered_whole_or_not_at_all(
    chamber: Any, enter: Any, given: Sequence[str], said: str
) -> None:
    more = "terms = [{ number = 7, starts = 2090-01-01, ends = 2094-01-01 }]\n"
    bad = OLD + more + members('person = "member-8", left = true', *given)
    good = HEAD + members('person = "minister", role = "CHAIR"')
    problem = await enter(bad + good)
    assert problem.startswith(f"{MUHARRAQ}: ")
    assert said in problem
    assert await seats(chamber, "member-8") == [("MEMBER", 1, True)]
    assert await rights(chamber, "member-8") == ["meeting-member"]
    with chamber.host.unit():
        assert not await MeetingTerm.filter(number=7).exists()
    # The file's other councils are entered.
    assert await seats(chamber, "minister", NEW) == [("CHAIR", 1, True)]


@pytest.mark.parametrize("code", ["Hidd", "hidd council", "المحرق", "", "x" * 65, "a_b", "*"])
async def test_a_code_is_plain(chamber: Any, enter: Any, code: str) -> None:
    assert "a code is 1 to 64 of a-z, 0-9 and -" in await enter(HEAD.replace(NEW, code))
    with chamber.host.unit():
        assert await MeetingCouncil.all().count() == 3


async def test_what_a_council_lacks_is_said(chamber: Any, enter: Any) -> None:
    assert "ar is missing" in await enter(HEAD.replace("ar = ", "arabic = "))
    backwards = HEAD + "terms = [{ number = 1, starts = 2030-01-01, ends = 2026-01-01 }]\n"
    assert "term 1 ends before it starts" in await enter(backwards)
    with chamber.host.unit():
        assert await MeetingCouncil.all().count() == 3


async def test_a_council_has_so_many_seats_and_no_more(chamber: Any, enter: Any) -> None:
    many = [f"crowd-{number}" for number in range(102)]
    with chamber.host.unit():
        one = await Person.get(subject="gallery")
        shared = {"issuer": one.issuer, "name": "x", "name_ar": "x", "claims_at": one.claims_at}
        await Person.bulk_create(
            [Person(id=h, subject=h, created_at=one.created_at, **shared) for h in many]
        )
    seated = [f'person = "{handle}", role = "MEMBER"' for handle in many]
    assert "101 seats would be taken, 100 may be" in await enter(HEAD + members(*seated[:101]))
    with chamber.host.unit():
        assert not await MeetingCouncil.filter(code=NEW).exists()
        assert not await RoleGrant.filter(scope=NEW).exists()
    assert not await enter(HEAD + members(*seated[:100]))
    assert "101 seats" in await enter(HEAD + members(seated[100]))
    # Whoever leaves makes room, in the same file; seats that have ended do not count.
    for leaves, comes in ((0, 100), (1, 101)):
        gone = f'person = "{many[leaves]}", left = true'
        assert not await enter(HEAD + members(seated[comes], gone))
    with chamber.host.unit():
        assert await MeetingMember.filter(person_id__in=many, left_at=None).count() == 100


async def test_a_secretary_serves_and_does_not_count(chamber: Any, enter: Any) -> None:
    assert not await enter(OLD + members('person = "gallery", role = "SECRETARY"'))
    made = await chamber.do(
        "gallery",
        "Schedule",
        council=MUHARRAQ,
        kind="ORDINARY",
        title="Next",
        scheduledAt=(chamber.clock.now() + dt.timedelta(days=1)).isoformat(),
        agenda=[{"title": "One"}],
    )
    assert made["quorum"]["entitled"] == 8
    assert "SECRETARY" not in {line["member"]["role"] for line in made["attendance"]}
    shown = await chamber.attend("member-3", "PRESENT", by="gallery")
    assert shown["quorum"]["present"] == 1
    assert await chamber.refuses("gallery", "CheckIn") == "MEETING_NOT_A_VOTING_MEMBER"
    await chamber.convened()
    assert (await chamber.screen())["quorum"]["present"] == 8
    motion = await chamber.opened()
    vote = {"motionId": motion, "choice": "YES"}
    assert await chamber.refuses("gallery", "CastVote", **vote) == "MEETING_NOT_ENTITLED"
    assert (await chamber.motion(motion, "gallery"))["tally"]["entitled"] == 8
    assert await chamber.refuses("gallery", "CloseVoting", motionId=motion) == (
        "MEETING_NOT_PRESIDING"
    )


async def test_numbering_begins_again_in_a_second_term(chamber: Any, enter: Any) -> None:
    today = chamber.clock.now().date()
    first, second, end = (today + dt.timedelta(days=days) for days in (-1, 10, 400))
    one = f"{{ number = 1, starts = {first}, ends = {second} }}"
    two = f"{{ number = 2, starts = {second}, ends = {end} }}"
    seated = members('person = "gallery", role = "OPERATOR"')
    assert not await enter(f"{HEAD}terms = [{one}]\n{seated}")

    async def schedule(days: int, kind: str = "ORDINARY") -> Any:
        fields = {"council": NEW, "kind": kind, "title": "T", "agenda": [{"title": "One"}]}
        at = (chamber.clock.now() + dt.timedelta(days=days)).isoformat()
        return await chamber.act("gallery", "Schedule", scheduledAt=at, **fields)

    async def number(days: int, kind: str = "ORDINARY") -> int:
        payload, errors = await schedule(days, kind)
        assert errors == []
        return int(payload["meeting"]["number"])

    assert [await number(days) for days in (1, 2)] == [1, 2]
    assert (await schedule(20))[1] == ["MEETING_NO_TERM"]
    assert not await enter(f"{HEAD}terms = [{one}, {two}]\n{seated}")
    assert [await number(20), await number(20, "EXTRAORDINARY"), await number(21)] == [1, 1, 2]
    assert await number(3) == 3
    # The first term's end ends no seat.
    chamber.clock.advance(days=15)
    assert await number(7) == 3
    assert await seats(chamber, "gallery", NEW) == [("OPERATOR", 1, True)]
