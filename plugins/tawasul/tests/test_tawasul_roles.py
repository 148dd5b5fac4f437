"""The matrix: every operation and every field as every role of two agencies and of none.

Five cases hold texts that occur nowhere else. Whatever anybody asks, in whatever way, is searched
for the texts that are not theirs to read. A field or an operation that is new joins by itself, or
fails the test until somebody says who may use it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from bawaba import db
from bawaba.errors import Forbidden, NotFound, Unauthenticated
from bawaba.graphql import Context, global_id, split_id
from bawaba.live import SNAPSHOT, LiveEvent
from bawaba_tawasul.domain import Sight
from bawaba_tawasul.graphql.live import TawasulSubscription
from bawaba_tawasul.models import (
    TawasulCase,
    TawasulHistory,
    TawasulIdentityRequest,
    TawasulMessage,
    TawasulNote,
)
from bawaba_tawasul.rules import access
from graphql import (
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    get_named_type,
    is_leaf_type,
)
from tawasul_world import (
    DESK_A,
    DESK_B,
    EVERYBODY,
    MEASURING,
    READERS,
    SIGNED_IN,
    A,
    B,
    World,
    world_of,
)

QUERIES: dict[str, set[str]] = {
    # Root field -> who gets an answer, for agency A where it takes one; all others FORBIDDEN.
    "tawasulCase": SIGNED_IN,
    "tawasulMyCases": SIGNED_IN,
    "tawasulSimilarCases": SIGNED_IN,
    "tawasulCases": DESK_A,
    "tawasulOfferedCases": DESK_A,
    "tawasulTemplates": DESK_A,
    "tawasulCasesExport": DESK_A,
    "tawasulIdentityRequests": {"supervisor A"},
    "tawasulArbitration": {"arbiter"},
    "tawasulPerformance": MEASURING,
    "tawasulPerformanceExport": MEASURING,
    "tawasulPerformanceSnapshots": MEASURING,
}
MUTATIONS: dict[str, tuple[str, dict[str, Any]]] = {
    # Root field of a case -> (its action, the rest of its input).
    "tawasulAssignCase": ("ASSIGN", {}),
    "tawasulReply": ("REPLY", {"body": "x"}),
    "tawasulRequestInformation": ("REQUEST_INFORMATION", {"body": "x"}),
    "tawasulAnswerRequest": ("ANSWER_REQUEST", {"body": "x"}),
    "tawasulAddNote": ("ADD_NOTE", {"body": "x"}),
    "tawasulTransferCase": ("TRANSFER", {"agency": B, "reason": "x"}),
    "tawasulAcceptTransfer": ("ACCEPT_TRANSFER", {}),
    "tawasulDeclineTransfer": ("DECLINE_TRANSFER", {"reason": "x"}),
    "tawasulArbitrateTransfer": ("ARBITRATE", {"agency": B, "reason": "x"}),
    "tawasulResolveCase": ("RESOLVE", {"reason": "DONE", "body": "x"}),
    "tawasulReopenCase": ("REOPEN", {"reason": "x"}),
    "tawasulRateCase": ("RATE", {"score": 1}),
    "tawasulAppealCase": ("APPEAL", {"reason": "x"}),
    "tawasulWithdrawCase": ("WITHDRAW", {}),
    "tawasulLinkDuplicate": ("LINK_DUPLICATE", {"of": "TW-XXXXX-XXXXX"}),
    "tawasulSplitDuplicate": ("SPLIT_DUPLICATE", {}),
    "tawasulRequestIdentity": ("REQUEST_IDENTITY", {"reason": "x"}),
    "tawasulFollowCase": ("FOLLOW", {}),
}
ELSEWHERE = {
    # Root fields that are about no case; their own tests say who may.
    "tawasulSubmitCase",
    "tawasulApproveIdentity",
    "tawasulAmendCalendar",
    "tawasulAmendTargets",
    "tawasulAmendLadder",
    "tawasulSaveTemplate",
    "tawasulRetireTemplate",
}
SUBSCRIPTIONS = {"tawasulCaseUpdated", "tawasulAgencyFeed"}
ALLOWED = {
    # What each may do with the hidden case, which is assigned to the handler of A.
    "hidden": {"WITHDRAW", "REPLY"},
    "handler A": {
        "ADD_NOTE", "ASSIGN", "LINK_DUPLICATE", "REPLY", "REQUEST_IDENTITY", "REQUEST_INFORMATION",
        "RESOLVE", "TRANSFER",
    },
    "supervisor A": {
        "ADD_NOTE", "ASSIGN", "LINK_DUPLICATE", "REPLY", "REQUEST_IDENTITY", "REQUEST_INFORMATION",
        "RESOLVE", "TRANSFER",
    },
    "coordinator A": {"TRANSFER"},
}  # fmt: skip


@pytest.fixture
async def world(desk: Any) -> World:
    return await world_of(desk)


def selection(kind: Any, depth: int) -> str:
    """Select every field of a type, lists paged, as deep as ``depth``."""
    named = get_named_type(kind)
    if is_leaf_type(named):
        return ""
    if not isinstance(named, GraphQLObjectType | GraphQLInterfaceType) or depth == 0:
        return " { __typename }"
    if named.name in {"Agency", "PageInfo"}:
        return " { code }" if named.name == "Agency" else " { endCursor }"
    parts = []
    for name, each in named.fields.items():
        if name == "edges":
            continue
        paged = "(first: 4)" if "first" in each.args else ""
        parts.append(f"{name}{paged}{selection(each.type, depth - 1)}")
    return f" {{ {' '.join(parts)} }}"


def call(name: str, root: Any, given: Mapping[str, str]) -> str:
    """Return a query of one root field, all its fields selected."""
    arguments = []
    for argument, kind in root.args.items():
        if argument in given:
            arguments.append(f"{argument}: {given[argument]}")
        else:
            assert not isinstance(kind.type, GraphQLNonNull), (name, argument)
    return f"{{ {name}({', '.join(arguments)}){selection(root.type, 5)} }}"


def given(case: str, agency: str, text: str) -> dict[str, str]:
    return {
        "reference": json.dumps(case),
        "agency": json.dumps(agency),
        "category": '"roads"',
        "text": json.dumps(text),
        "first": "9",
        "orderBy": "{ field: SUBMITTED_AT, direction: DESC }",
        "from": '"2000-01-01"',
        "to": '"2019-12-31"',
        "groupBy": "AGENCY",
    }


def test_every_operation_stands_in_the_matrix(desk: Any) -> None:
    schema = desk.host.engine.core
    roots = {
        kind: {name for name in root.fields if name.startswith("tawasul")}
        for kind, root in (
            ("query", schema.query_type),
            ("mutation", schema.mutation_type),
            ("subscription", schema.subscription_type),
        )
    }
    assert roots["query"] == set(QUERIES)
    assert roots["mutation"] == set(MUTATIONS) | ELSEWHERE
    assert roots["subscription"] == SUBSCRIPTIONS


async def test_no_query_tells_anybody_what_is_not_theirs(world: World) -> None:
    fields = world.schema.query_type.fields  # type: ignore[union-attr]
    for who in EVERYBODY:
        for name, allowed in QUERIES.items():
            for case in world.cases.values():
                query = call(name, fields[name], given(case, A, "subject zq"))
                answer = await world.ask(who, query)
                codes = [e["extensions"]["code"] for e in answer.get("errors") or []]
                wanted = (
                    []
                    if who in allowed
                    else ["UNAUTHENTICATED" if who == "anonymous" else "FORBIDDEN"]
                )
                assert codes == wanted, (who, name, codes)
                if "reference" not in fields[name].args:
                    break


async def test_no_search_or_filter_tells_of_other_agencies_cases(world: World) -> None:
    texts = [text.split("-")[-1] for text in READERS] + ["Nameless", "zq", "person-hidden-zq"]
    for who in DESK_A | DESK_B:
        agency = A if who in DESK_A else B
        for text in texts:
            query = """query ($a: String!, $t: String!) {
              tawasulCases(agency: $a, filter: { text: $t }, first: 20) {
                totalCount nodes { subject } }
              tawasulCasesExport(agency: $a, filter: { text: $t }) { content } }"""
            answer = await world.ask(who, query, a=agency, t=text)
            page = answer["data"]["tawasulCases"]
            assert page["totalCount"] == len(page["nodes"])
            hits = {node["subject"] for node in page["nodes"]}
            assert all(who in READERS.get(subject, {who}) for subject in hits)
        assert not await hits_of(world, who, agency, "Nameless")
        assert not await hits_of(world, who, agency, "zq1"), "notes are not searched"


async def hits_of(world: World, who: str, agency: str, text: str) -> list[str]:
    query = """query ($a: String!, $t: String!) {
      tawasulCases(agency: $a, filter: { text: $t }, first: 20) { nodes { subject } } }"""
    nodes = (await world.ask(who, query, a=agency, t=f"{text}"))["data"]["tawasulCases"]["nodes"]
    exact = [node["subject"] for node in nodes]
    return [subject for subject in exact if text == "Nameless" or subject.endswith(f"-{text}")]


async def test_no_id_opens_what_is_not_theirs(world: World) -> None:
    kinds = {
        "TawasulCase": TawasulCase,
        "TawasulMessage": TawasulMessage,
        "TawasulNote": TawasulNote,
        "TawasulHistoryEntry": TawasulHistory,
        "TawasulIdentityRequest": TawasulIdentityRequest,
    }
    shown = {name: f"... on {name}{selection(world.schema.type_map[name], 5)}" for name in kinds}
    with world.desk.host.unit():
        wanted = list(
            await TawasulCase.filter(subject__contains="-zq").values_list("id", flat=True)
        )
        ids = [global_id("TawasulCase", str(each)) for each in wanted]
        for name, model in list(kinds.items())[1:]:
            rows = await model.filter(case_id__in=wanted).values_list("id", flat=True)
            ids += [global_id(name, str(row)) for row in rows]
    assert len(ids) > 20
    for who in EVERYBODY:
        for each in ids:
            fragment = shown[split_id(each)[0]]  # type: ignore[index]
            answer = await world.ask(who, f'{{ node(id: "{each}") {{ __typename {fragment} }} }}')
            if who in {"stranger", "anonymous", "officer", "admin", "handler elsewhere"}:
                assert (answer.get("data") or {}).get("node") is None, (who, answer)


async def test_nobody_does_what_is_not_theirs(world: World) -> None:
    reference = world.cases["hidden"]
    before = await state(world, reference)
    for who in EVERYBODY:
        allowed = ALLOWED.get(who, set())
        seen = await world.ask(
            who, f'{{ tawasulCase(reference: "{reference}") {{ allowedActions }} }}'
        )
        shown = (seen.get("data") or {}).get("tawasulCase")
        assert set(shown["allowedActions"] if shown else []) == allowed, who
        for name, (action, rest) in MUTATIONS.items():
            if action in allowed:
                continue
            kind = name.removeprefix("tawasul")
            query = (
                f"mutation ($input: Tawasul{kind}Input!) {{ {name}(input: $input) "
                "{ __typename errors { code message } } }"
            )
            answer = await world.ask(who, query, input={"reference": reference, **rest})
            assert refused(answer, name), (who, name, answer)
        assert await state(world, reference) == before, who


async def state(world: World, reference: str) -> Any:
    with world.desk.host.unit():
        return await TawasulCase.get(reference=reference).values("status", "steps", "assignee_id")


def refused(answer: Mapping[str, Any], name: str) -> bool:
    if answer.get("errors"):
        return True
    return bool(answer["data"][name]["errors"])


async def test_nobody_watches_what_is_not_theirs(world: World) -> None:
    watchers = {
        "hidden": DESK_A | {"hidden"},
        "moved": DESK_B | {"open"},
        "offered": DESK_A | DESK_B | {"open", "follower"},
        "arbitration": DESK_A | {"open", "arbiter"},
    }
    for who in EVERYBODY:
        for name, reference in world.cases.items():
            shown = await watched(world, who, "tawasul_case_updated", reference)
            assert (shown is not None) is (who in watchers[name]), (who, name)
            if shown is not None:
                inside = shown.case.view.sight is not Sight.SUMMARY
                assert inside is (who != "follower")
                names_hidden = name == "hidden" and who != "hidden"
                assert (shown.case.view.submitter is None) is (names_hidden or not inside)
        for agency, desk in ((A, DESK_A), (B, DESK_B)):
            feed = await watched(world, who, "tawasul_agency_feed", agency)
            assert (feed is not None) is (who in desk), (who, agency)


async def watched(world: World, who: str, name: str, what: str) -> Any:
    """Return the first value of a live field as its audience sees it; None: it is refused."""
    resolver = next(
        f
        for f in TawasulSubscription.__strawberry_definition__.fields
        if f.python_name == name  # type: ignore[attr-defined]
    ).base_resolver.wrapped_func
    viewer = world.viewer(who)
    with world.desk.host.unit():
        try:
            watch = await resolver(None, SimpleNamespace(context=Context(viewer=viewer)), what)
        except (NotFound, Forbidden, Unauthenticated):
            return None
        assert watch.audience.admits(viewer)
        event = LiveEvent(watch.topic, 1, SNAPSHOT, "c", {})
        return await watch.show(event, watch.audience.seen_as(viewer))


async def test_a_citizen_is_not_even_woken_by_a_note(world: World) -> None:
    topics = []
    with world.desk.host.unit():
        rows = await db.fetch("SELECT topic, kind FROM core_outbox")
        topics = [(row["topic"].split(":")[0], row["kind"]) for row in rows]
    noted = {topic for topic, kind in topics if kind == "NOTE_ADDED"}
    assert noted == {"tawasul.desk", "tawasul.agency"}


async def test_the_detector_bites(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "sight", lambda *_args, **_more: Sight.DESK)
    query = call(
        "tawasulCase",
        world.schema.query_type.fields["tawasulCase"],  # type: ignore[union-attr]
        given(world.cases["hidden"], A, "x"),
    )
    with pytest.raises(AssertionError, match="subject-hidden-zq5"):
        await world.ask("stranger", query)
