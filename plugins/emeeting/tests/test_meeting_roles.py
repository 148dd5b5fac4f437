"""The matrix: every mutation and every field of the plugin as everybody, in an open and a closed
meeting. A new root joins by itself, or fails the test until somebody says who may use it.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from typing import Any

import pytest
from bawaba.host.schema.engine import Rejected
from bawaba.live import LiveEvent
from bawaba.text import Language
from bawaba.viewer import ANONYMOUS, Viewer
from bawaba_emeeting.graphql import live
from bawaba_emeeting.services import log
from graphql import GraphQLObjectType, get_named_type, is_leaf_type

INSIDE = {"chair", "member-2", "operator"}
OUTSIDE: tuple[str | None, ...] = (None, "gallery", "citizen", "minister", "admin")
REGISTRAR = "council-registrar"
REGULATING = {"meetingAmendRules", "meetingRecordAdoption", "meetingAppointOperator"}
SECRETS = {
    # Texts of a closed meeting that occur nowhere else.
    "title-zq1", "item-zq2", "motion-zq3", "comment-zq4", "document-zq5",
}  # fmt: skip


@pytest.fixture
async def closed(chamber: Any) -> dict[str, str]:
    """Return the ids of a closed meeting and all that hangs on it, by type."""
    made = await chamber.do(
        "operator",
        "Schedule",
        council="muharraq-municipal",
        kind="ORDINARY",
        title="title-zq1",
        isClosed=True,
        scheduledAt=(chamber.clock.now() + dt.timedelta(days=1)).isoformat(),
        agenda=[{"title": "item-zq2"}, {"title": "item-zq2"}],
    )
    chamber.meeting = made["id"]
    motion = await chamber.proposed(text="motion-zq3")
    from test_meeting_papers import uploaded  # noqa: PLC0415  the same upload

    asked = {"agendaItemId": made["agenda"][0]["id"], "title": "document-zq5"}
    attachment = await uploaded(chamber, "operator", b"closed")
    document = await chamber.do("operator", "AddDocument", attachmentId=attachment, **asked)
    said = {"documentId": document["id"], "body": "comment-zq4", "visibility": "SHARED"}
    comment = await chamber.do("chair", "Comment", **said)
    fields = {"meetingId": made["id"], "holderId": chamber.members["chair"]}
    proxy = await chamber.do("member-8", "GiveProxy", **fields)
    return {
        "Meeting": made["id"],
        "MeetingAgendaItem": made["agenda"][0]["id"],
        "MeetingMotion": motion,
        "MeetingDocument": document["id"],
        "MeetingComment": comment["id"],
        "MeetingProxy": proxy["id"],
    }


def selection(kind: Any, depth: int) -> str:
    """Select every field of a type, lists paged, as deep as ``depth``."""
    named = get_named_type(kind)
    if is_leaf_type(named):
        return ""
    assert isinstance(named, GraphQLObjectType)
    parts = []
    for name, field in named.fields.items():
        if depth <= 0 and not is_leaf_type(get_named_type(field.type)):
            continue
        inner = selection(field.type, depth - 1)
        if inner == "{ }":
            continue
        given = "(first: 5)" if "first" in field.args else ""
        parts.append(f"{name}{given} {inner}")
    return "{ " + " ".join(parts) + " }" if parts else "{ }"


def whole(chamber: Any, kind: str) -> str:
    """Return a query of a node with all its fields, as deep as the limits allow."""
    schema = chamber.host.engine.core
    for depth in (3, 2, 1):
        chosen = selection(schema.type_map[kind], depth)
        query = f"query ($id: ID!) {{ node(id: $id) {{ __typename ... on {kind} {chosen} }} }}"
        with contextlib.suppress(Rejected), chamber.host.unit():
            prepared = chamber.host.engine.prepare(query, None, Language.EN)
            chamber.host.engine.check_cost(prepared, {"id": "x"}, Language.EN)
            return query
    raise AssertionError(f"no selection of {kind} is within the limits")


async def test_a_closed_meeting_does_not_exist_by_any_path(
    chamber: Any, closed: dict[str, str]
) -> None:
    for kind, identifier in closed.items():
        query = whole(chamber, kind)
        for who in (*OUTSIDE, REGISTRAR):
            answer = await chamber.ask(who, query, {"id": identifier})
            told = str(answer)
            assert not [secret for secret in SECRETS if secret in told], (kind, who)
            assert not answer.get("data") or answer["data"]["node"] is None, (kind, who)
        for who in INSIDE:
            answer = await chamber.ask(who, query, {"id": identifier})
            assert answer["data"]["node"] is not None, (kind, who, answer.get("errors"))
    for listed in (
        "{ meetingCouncils(first: 9) { nodes { code meetings(first: 9) { nodes { title } } } } }",
        """{ meetingCouncil(code: "muharraq-municipal") { meetings(first: 2) {
          nodes { title agenda { title motions { text } documents { title } } } } } }""",
    ):
        for who in (*OUTSIDE, REGISTRAR):
            answer = await chamber.ask(who, listed)
            assert not answer.get("errors")
            assert not [secret for secret in SECRETS if secret in str(answer)], who
        assert "title-zq1" in str(await chamber.ask("member-2", listed))
    for query in (
        "query ($id: ID!) { meetingPublishedBox(motionId: $id) { merkleRoot } }",
        "query ($id: ID!) { meetingMyBallot(motionId: $id) { isEntitled } }",
    ):
        for who in OUTSIDE:
            answer = await chamber.ask(who, query, {"id": closed["MeetingMotion"]})
            data = answer.get("data") or {}
            assert not any(data.values()), (query, who)


async def test_nobody_outside_is_shown_a_closed_meeting_live(
    chamber: Any, closed: dict[str, str]
) -> None:
    subscriptions = {
        "meetingUpdated": ("id", closed["Meeting"], "meeting { id }"),
        "meetingMotionUpdated": ("id", closed["MeetingMotion"], "motion { id }"),
        "meetingCommentAdded": ("documentId", closed["MeetingDocument"], "comment { id }"),
    }
    schema = chamber.host.engine.core.subscription_type
    mine = {name for name in schema.fields if name.startswith("meeting")}
    assert mine == set(subscriptions)
    raw = {name: _raw(identifier) for name, identifier in closed.items()}
    event = LiveEvent(log.TOPIC, 1, "CONVENED", "c", {})
    with chamber.host.unit():
        for viewer in (ANONYMOUS, Viewer(person_id="x", grants={"meeting.attend": {"cabinet"}})):  # type: ignore[dict-item]
            assert await live._meeting(raw["Meeting"], event, viewer) is None
            assert await live._motion(raw["MeetingMotion"], event, viewer) is None
            assert await live._comment(raw["MeetingDocument"], event, viewer) is None
        member = Viewer(grants={"meeting.attend": frozenset({"muharraq-municipal"})})
        assert await live._meeting(raw["Meeting"], event, member) is not None


def _raw(identifier: str) -> str:
    from bawaba.graphql import split_id  # noqa: PLC0415

    parts = split_id(identifier)
    assert parts is not None
    return parts[1]


def _filled(chamber: Any, kind: Any, ids: dict[str, str]) -> dict[str, Any]:
    """Return an input of a type with something in every required field."""
    samples: dict[str, Any] = {
        "meetingId": ids["Meeting"],
        "agendaItemId": ids["MeetingAgendaItem"],
        "motionId": ids["MeetingMotion"],
        "documentId": ids["MeetingDocument"],
        "proxyId": ids["MeetingProxy"],
        "memberId": chamber.members["member-7"],
        "holderId": chamber.members["member-7"],
        "personId": "UGVyc29uOng",
        "attachmentId": "QXR0YWNobWVudDp4",
        "scheduledAt": (chamber.clock.now() + dt.timedelta(days=1)).isoformat(),
        "effectiveFrom": chamber.clock.now().isoformat(),
        "council": "muharraq-municipal",
        "agenda": [{"title": "x"}],
        "version": 1,
        "idempotencyKey": "k",
    }
    found = {}
    for name, field in kind.fields.items():
        if str(field.type).endswith("!"):
            values = getattr(get_named_type(field.type), "values", None)
            found[name] = samples.get(name) or (next(iter(values)) if values else "x")
    return found


async def test_every_mutation_is_refused_to_who_is_outside(
    chamber: Any, closed: dict[str, str]
) -> None:
    """Of the closed meeting and of an open one alike, whatever else is in the input."""
    mutations = chamber.host.engine.core.mutation_type.fields
    mine = {name: field for name, field in mutations.items() if name.startswith("meeting")}
    assert len(mine) == 24
    before = await chamber.screen("operator")
    for name, field in mine.items():
        kind = get_named_type(field.args["input"].type)
        query = (
            f"mutation ($input: {kind.name}!) {{ {name}(input: $input) {{ errors {{ code }} }} }}"
        )
        given = {"input": _filled(chamber, kind, closed)}
        for who in (*OUTSIDE, REGISTRAR):
            answer = await chamber.ask(who, query, given)
            if answer.get("errors"):
                code = answer["errors"][0]["extensions"]["code"]
                assert code == ("UNAUTHENTICATED" if who is None else "FORBIDDEN"), (name, who)
                continue
            assert (name in REGULATING) is (who == REGISTRAR) or who == "minister", (name, who)
            codes = [error["code"] for error in answer["data"][name]["errors"]]
            allowed = (
                {"NOT_FOUND"} if who == "minister" else {"NOT_FOUND", "MEETING_WRONG_ADOPTION"}
            )
            assert set(codes) <= allowed, (name, who, codes)
    assert await chamber.screen("operator") == before
