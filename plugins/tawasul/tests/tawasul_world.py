"""The cases of the matrix, whose texts occur nowhere else, and everybody who looks at them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from bawaba.graphql import Context, global_id
from bawaba.host.identity.models import Person, RoleGrant
from bawaba.host.identity.rules import permissions
from bawaba.plugin import Grant
from bawaba.viewer import ANONYMOUS, Viewer
from graphql import GraphQLSchema

A, B = "works", "municipalities"
ROLES: dict[str, tuple[Grant, ...]] = {
    "stranger": (),
    "follower": (),
    "hidden": (),
    "open": (),
    "handler A": (Grant("tawasul-handler", A),),
    "supervisor A": (Grant("tawasul-supervisor", A),),
    "coordinator A": (Grant("tawasul-coordinator", A),),
    "handler B": (Grant("tawasul-handler", B),),
    "supervisor B": (Grant("tawasul-supervisor", B),),
    "coordinator B": (Grant("tawasul-coordinator", B),),
    "handler elsewhere": (Grant("tawasul-handler", "health"),),
    "arbiter": (Grant("tawasul-arbiter"),),
    "officer": (Grant("tawasul-performance-officer"),),
    "admin": (Grant("admin"),),
}
EVERYBODY = ("anonymous", *ROLES)
DESK_A = {"handler A", "supervisor A", "coordinator A"}
DESK_B = {"handler B", "supervisor B", "coordinator B"}
SIGNED_IN = set(ROLES)
MEASURING = {"supervisor A", "officer"}
READERS: dict[str, set[str]] = {
    # Who may read which text, wherever it turns up.
    "note-hidden-zq1": DESK_A,
    "note-moved-zq2": set(),
    "note-offered-zq3": DESK_A,
    "note-arbitration-zq4": DESK_A,
    "Nameless Zq Hidden": {"hidden"},
    "person-hidden-zq": {"hidden"},
    "subject-hidden-zq5": DESK_A | {"hidden"},
    "body-hidden-zq6": DESK_A | {"hidden"},
    "subject-moved-zq7": DESK_B | {"open"},
    "subject-offered-zq8": DESK_A | DESK_B | {"open", "follower"},
    "body-offered-zq9": DESK_A | DESK_B | {"open"},
    "subject-arbitration-zq10": DESK_A | {"arbiter", "open"},
    "reason-identity-zq11": DESK_A,
}
SIMILAR = {"subject-offered-zq8", "subject-arbitration-zq10"}
"""Found by anybody who looks for the like: not hidden, open, and in the category asked for."""


@dataclass
class World:
    """The cases and everybody who looks at them."""

    desk: Any
    cases: dict[str, str] = field(default_factory=dict)

    @property
    def schema(self) -> GraphQLSchema:
        return self.desk.host.engine.core  # type: ignore[no-any-return]

    def viewer(self, who: str) -> Viewer:
        if who == "anonymous":
            return ANONYMOUS
        roles = self.desk.host.runtime.registry.all("declare_roles")
        held = permissions(ROLES[who], roles)
        return Viewer(person_id=person_id(who), display_name=who, grants=held)

    async def ask(self, who: str, query: str, **variables: Any) -> dict[str, Any]:
        with self.desk.host.unit():
            prepared = self.desk.host.engine.prepare(query, None, self.viewer(who).language)
            answer = await self.desk.host.engine.execute(
                prepared, variables, Context(viewer=self.viewer(who))
            )
        leaks = found_in(answer, who, similar="tawasulSimilarCases" in query)
        assert not leaks, (who, leaks, query[:200])
        return dict(answer)

    async def do(self, who: str, verb: str, **fields: Any) -> str:
        """Run a mutation that must work; return the case's reference."""
        query = (
            f"mutation ($input: Tawasul{verb}Input!) {{ tawasul{verb}(input: $input) "
            "{ case { reference } errors { code } } }"
        )
        answer = await self.ask(who, query, input=fields)
        payload = answer["data"][f"tawasul{verb}"]
        assert payload["errors"] == [], (verb, payload)
        return str(payload["case"]["reference"]) if payload["case"] else ""

    async def submit(self, who: str, name: str, number: int, body: str, **more: Any) -> str:
        self.cases[name] = await self.do(
            who,
            "SubmitCase",
            **{
                "kind": "COMPLAINT",
                "agency": A,
                "category": "roads",
                "subject": f"subject-{name}-zq{number}",
                "body": body,
                "channel": "PORTAL",
                "idempotencyKey": f"matrix-{name}",
            }
            | more,
        )
        return self.cases[name]


def person_id(who: str) -> str:
    return f"person-{who.replace(' ', '-')}-zq"


def found_in(answer: Any, who: str, *, similar: bool = False) -> list[str]:
    """Return the texts in an answer that are not for this viewer, however they are packed."""
    text = json.dumps(answer, default=str, ensure_ascii=False)
    hidden = global_id("Person", person_id("hidden"))
    text = text.replace(hidden, person_id("hidden"))
    allowed = SIMILAR if similar and who != "anonymous" else set()
    return [
        s
        for s, readers in READERS.items()
        if s in text and who not in readers | {None} and s not in allowed
    ]


async def world_of(desk: Any) -> World:
    """Make the cases, step by step, as those who work on them would."""
    world = World(desk)
    with desk.host.unit():
        for number, who in enumerate(ROLES):
            name = "Nameless Zq Hidden" if who == "hidden" else f"Person {number}"
            await Person.create(
                id=person_id(who), issuer="test", subject=who, name=name, name_ar=name,
                claims_at=0, created_at=desk.clock.now(),
            )  # fmt: skip
            for grant in ROLES[who]:
                await RoleGrant.create(
                    id=f"{number}-{grant.role}"[:32],
                    person_id=person_id(who),
                    role=grant.role,
                    scope=grant.scope,
                    granted_at=desk.clock.now(),
                )
    hidden = await world.submit("hidden", "hidden", 5, "body-hidden-zq6", hideIdentity=True)
    await world.do(
        "handler A",
        "AssignCase",
        reference=hidden,
        assigneeId=global_id("Person", person_id("handler A")),
    )
    await world.do("handler A", "AddNote", reference=hidden, body="note-hidden-zq1")
    await world.ask(
        "handler A",
        "mutation ($input: TawasulRequestIdentityInput!) {"
        " tawasulRequestIdentity(input: $input) { request { id } } }",
        input={"reference": hidden, "reason": "reason-identity-zq11"},
    )
    moved = await world.submit("open", "moved", 7, "moved body")
    await world.do("handler A", "AddNote", reference=moved, body="note-moved-zq2")
    await world.do("handler A", "TransferCase", reference=moved, agency=B, reason="theirs")
    await world.do("handler B", "AcceptTransfer", reference=moved)
    offered = await world.submit("open", "offered", 8, "body-offered-zq9")
    await world.do("follower", "FollowCase", reference=offered)
    await world.do("handler A", "AddNote", reference=offered, body="note-offered-zq3")
    await world.do("handler A", "TransferCase", reference=offered, agency=B, reason="theirs")
    disputed = await world.submit("open", "arbitration", 10, "disputed body")
    await world.do("handler A", "AddNote", reference=disputed, body="note-arbitration-zq4")
    for who in ("handler B", "coordinator B"):
        await world.do("handler A", "TransferCase", reference=disputed, agency=B, reason="theirs")
        await world.do(who, "DeclineTransfer", reference=disputed, reason="no")
    return world
