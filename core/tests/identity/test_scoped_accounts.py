"""Who manages accounts in a body manages those of the people who belong to it, and no others'."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from bawaba import people
from bawaba.db import transaction
from bawaba.errors import NotFound, Unauthenticated
from bawaba.graphql import Context, global_id
from bawaba.host import boot
from bawaba.host.audit.models import AuditEntry
from bawaba.host.host import Host
from bawaba.host.identity import issue_demo_token, load_people
from bawaba.host.identity.models import Device, Person, RoleGrant
from bawaba.host.settings import Settings
from bawaba.plugin import DemoPerson, Grant, Manifest, Membership, Role, hookimpl
from bawaba.testing.clock import FrozenClock
from bawaba.testing.ledger import MemoryLedger
from bawaba.text import Language, Text
from bawaba.viewer import Viewer

WORDS = Text("Clubs", "أندية")
KEEPER = (Grant("clubs-keeper", "chess"),)
PEOPLE = [
    DemoPerson("keeper", Text("Keeper", "أمين"), "900000001", KEEPER),
    DemoPerson("rival", Text("Rival", "منافس"), "900000002", (Grant("clubs-keeper", "rowing"),)),
    DemoPerson("player", Text("Player", "لاعب"), "900000003"),
    DemoPerson("outsider", Text("Outsider", "غريب"), "900000004"),
    DemoPerson("admin", Text("Admin", "مدير"), "900000005", (Grant("admin"),)),
    DemoPerson("rower", Text("Rower", "مجدّف"), "900000006"),
]
BELONG = {
    "keeper": {"chess"}, "player": {"chess"}, "admin": {"chess"}, "rower": {"chess", "rowing"},
}  # fmt: skip
REVOKE = """mutation ($input: RevokeDeviceInput!) { revokeDevice(input: $input) {
  device { revokedAt } errors { code } } }"""
SUSPEND = """mutation ($input: SuspendAccountInput!) { suspendAccount(input: $input) {
  person { suspendedAt nationalId } errors { code } } }"""
REINSTATE = """mutation ($input: ReinstateAccountInput!) { reinstateAccount(input: $input) {
  person { suspendedAt } errors { code } } }"""
NODES = """query ($d: ID!, $p: ID!) { device: node(id: $d) { id } person: node(id: $p) {
  ... on Person { displayName devices(first: 5) { totalCount } } } }"""


class Club:
    """A host with a plugin whose members belong to clubs."""

    def __init__(self, url: str, folder: Path) -> None:
        self.settings = Settings(database_url=url, data_dir=folder, demo=True)
        self.clock = FrozenClock()
        self.host: Host = boot.build(
            self.settings,
            modules={"clubs": self.plugin()},
            clock=self.clock,
            ledger=MemoryLedger(),
        )
        self.handles: dict[str, str] = {}

    def plugin(self) -> ModuleType:
        async def scopes(ids: Collection[str]) -> Mapping[str, frozenset[str]]:
            found = {self.handles[each]: each for each in ids if each in self.handles}
            return {found[h]: frozenset(BELONG[h]) for h in found if h in BELONG}

        hooks = {
            "declare_manifest": Manifest("clubs", "clubs", WORDS, "0"),
            "declare_roles": [Role("clubs-keeper", WORDS, ("accounts.manage",))],
            "declare_memberships": [Membership(scopes)],
            "declare_demo_people": PEOPLE,
        }
        module = ModuleType("bawaba_clubs_for_tests")
        for name, value in hooks.items():
            setattr(module, name, hookimpl(lambda value=value: value))
        return module

    async def viewer(self, handle: str) -> Viewer:
        who = next(p for p in PEOPLE if p.handle == handle)
        token = issue_demo_token(self.settings, who, "test")
        return await self.host.parts.identity.authenticate(
            token, language=Language.EN, user_agent=None
        )

    async def ask(self, handle: str, query: str, **variables: Any) -> Any:
        with self.host.unit():
            prepared = self.host.engine.prepare(query, None, Language.EN)
            context = Context(viewer=await self.viewer(handle))
            return await self.host.engine.execute(prepared, variables, context)

    async def ids(self, handle: str) -> tuple[str, str]:
        """Return the global ids of somebody's device and of themselves."""
        viewer = await self.viewer(handle)
        return global_id("Device", str(viewer.device_id)), global_id("Person", viewer.person())


@pytest.fixture
async def club(database_url: str, tmp_path: Path) -> AsyncIterator[Club]:
    made = Club(database_url, tmp_path / "data")
    async with made.host.opened():
        with made.host.unit():
            await load_people(PEOPLE)
            made.handles = {row.id: row.subject for row in await Person.all()}
            for person in PEOPLE:
                await made.viewer(person.handle)
        yield made


def codes(answer: Any, field: str) -> list[str]:
    if answer.get("errors"):
        return [error["extensions"]["code"] for error in answer["errors"]]
    return [error["code"] for error in answer["data"][field]["errors"]]


CASES = [
    # Who acts, on whom, what revoking says, what suspending says.
    ("keeper", "player", [], []),
    ("keeper", "outsider", ["NOT_FOUND"], ["NOT_FOUND"]),
    ("keeper", "rival", ["NOT_FOUND"], ["NOT_FOUND"]),
    ("keeper", "admin", ["NOT_FOUND"], ["NOT_FOUND"]),
    ("keeper", "keeper", [], ["ACCOUNT_IS_YOUR_OWN"]),
    ("rival", "player", ["NOT_FOUND"], ["NOT_FOUND"]),
    ("player", "keeper", ["NOT_FOUND"], ["FORBIDDEN"]),
    ("admin", "outsider", [], []),
    ("admin", "player", [], []),
]


@pytest.mark.parametrize(("who", "whom", "revoking", "suspending"), CASES)
async def test_who_manages_whom(
    club: Club, who: str, whom: str, revoking: list[str], suspending: list[str]
) -> None:
    with club.host.unit():
        device, person = await club.ids(whom)
    allowed = not revoking
    seen = (await club.ask(who, NODES, d=device, p=person))["data"]
    assert (seen["device"] is not None) is allowed
    assert (seen["person"] is not None) is allowed
    given = {"personId": person, "reason": "in doubt"}
    suspended = await club.ask(who, SUSPEND, input=given)
    assert codes(suspended, "suspendAccount") == suspending
    reinstated = await club.ask(who, REINSTATE, input={"personId": person})
    if who != whom:
        assert codes(reinstated, "reinstateAccount") == suspending
    with club.host.unit():
        assert await Person.filter(suspended_at__isnull=False).count() == 0
    revoked = await club.ask(who, REVOKE, input={"deviceId": device})
    assert codes(revoked, "revokeDevice") == revoking


async def test_a_suspended_administrator_is_not_a_keepers_to_reinstate(club: Club) -> None:
    with club.host.unit():
        await Person.filter(subject="admin").update(suspended_at=club.host.runtime.clock.now())
        person = await Person.get(subject="admin")
    asked = {"personId": global_id("Person", person.id)}
    answer = await club.ask("keeper", REINSTATE, input=asked)
    assert codes(answer, "reinstateAccount") == ["NOT_FOUND"]


async def row(club: Club, handle: str) -> Person:
    with club.host.unit():
        return await Person.get(subject=handle)


async def suspend(club: Club, who: str, whom: str, reason: str) -> list[str]:
    given = {"personId": global_id("Person", (await row(club, whom)).id), "reason": reason}
    return codes(await club.ask(who, SUSPEND, input=given), "suspendAccount")


async def reinstate(club: Club, who: str, whom: str) -> list[str]:
    given = {"personId": global_id("Person", (await row(club, whom)).id)}
    return codes(await club.ask(who, REINSTATE, input=given), "reinstateAccount")


async def test_what_was_suspended_everywhere_is_not_a_keepers_to_lift(club: Club) -> None:
    assert await suspend(club, "admin", "player", "fraud") == []
    before = await row(club, "player")
    assert before.suspended_scope is None
    assert await suspend(club, "keeper", "player", "mine now") == []  # changes nothing
    assert await reinstate(club, "keeper", "player") == ["FORBIDDEN"]
    after = await row(club, "player")
    assert (after.suspended_at, after.suspended_by, after.suspended_scope) == (
        before.suspended_at, before.suspended_by, None
    )  # fmt: skip
    assert after.suspension_reason == "fraud"
    assert await reinstate(club, "admin", "player") == []
    assert (await row(club, "player")).suspended_at is None


async def test_a_suspension_is_taken_over_by_who_manages_everywhere(club: Club) -> None:
    assert await suspend(club, "keeper", "player", "in doubt") == []
    assert (await row(club, "player")).suspended_scope == "chess"
    club.clock.advance(hours=1)
    assert await suspend(club, "admin", "player", "fraud") == []
    taken = await row(club, "player")
    assert (taken.suspended_scope, taken.suspension_reason) == (None, "fraud")
    assert taken.suspended_at == club.clock.now()
    assert taken.suspended_by == (await row(club, "admin")).id
    assert await reinstate(club, "keeper", "player") == ["FORBIDDEN"]
    assert await reinstate(club, "admin", "player") == []
    # What a keeper suspends afterwards is a keeper's again.
    assert await suspend(club, "keeper", "player", "in doubt") == []
    assert await reinstate(club, "keeper", "player") == []
    with club.host.unit():
        told = AuditEntry.filter(action__startswith="account.").order_by("number")
        assert await told.values_list("action", "detail") == [
            ("account.suspended", '{"scope":"chess"}'),
            ("account.suspended", '{"scope":"*"}'),
            ("account.reinstated", "{}"),
            ("account.suspended", '{"scope":"chess"}'),
            ("account.reinstated", "{}"),
        ]


async def test_a_suspension_is_lifted_in_the_scope_in_which_it_was_made(club: Club) -> None:
    assert await suspend(club, "keeper", "rower", "in doubt") == []
    assert await reinstate(club, "rival", "rower") == ["FORBIDDEN"]
    assert (await row(club, "rower")).suspended_at is not None
    assert await reinstate(club, "keeper", "rower") == []
    assert await suspend(club, "rival", "rower", "in doubt") == []
    assert await reinstate(club, "admin", "rower") == []


async def test_plugins_ask_whom_a_viewer_sees(club: Club) -> None:
    with club.host.unit():
        ids = {person.subject: person.id for person in await Person.all()}
        for who, seen in {
            "keeper": {"keeper", "player", "rower"},
            "rival": {"rival", "rower"},
            "player": {"player"},
            "admin": set(ids),
        }.items():
            viewer = await club.viewer(who)
            assert await people.sees(viewer, list(ids.values())) == {ids[h] for h in seen}, who
        assert await people.sees(Viewer(), list(ids.values())) == frozenset()
        # Nobody in particular, who may do something: the audience of a role.
        audience = Viewer(grants={"accounts.own": frozenset({"*"})})
        assert await people.sees(audience, list(ids.values())) == frozenset()


async def test_roles_are_granted_in_a_scope_and_taken(club: Club) -> None:
    with club.host.unit():
        keeper, player = await club.viewer("keeper"), await club.viewer("player")
        who = player.person()
        async with transaction():
            assert await people.grant(keeper, who, "clubs-keeper", "go")
            assert not await people.grant(keeper, who, "clubs-keeper", "go")
        assert (await club.viewer("player")).can("accounts.manage", "go")
        async with transaction():
            assert await people.withdraw(keeper, who, "clubs-keeper", "go")
            assert not await people.withdraw(keeper, who, "clubs-keeper", "go")
        assert await RoleGrant.filter(person_id=who).count() == 0
        for person, role, scope, error in (
            (who, "clubs-keeper", "*", ValueError),
            (who, "nobody", "go", LookupError),
            ("nobody", "clubs-keeper", "go", NotFound),
        ):
            with pytest.raises(error):
                async with transaction():
                    await people.grant(keeper, person, role, scope)
        with pytest.raises(RuntimeError):
            await people.grant(keeper, who, "clubs-keeper", "go")


async def test_whoever_was_signed_out_meanwhile_is_refused(club: Club) -> None:
    with club.host.unit():
        viewer = await club.viewer("player")
        async with transaction():
            await people.still_signed_in(viewer)
        await Device.filter(id=viewer.device_id).update(revoked_at=club.host.runtime.clock.now())
        for who in (viewer, Viewer()):
            with pytest.raises(Unauthenticated):
                async with transaction():
                    await people.still_signed_in(who)
        other = await club.viewer("outsider")
        await Person.filter(id=other.person_id).update(suspended_at=club.host.runtime.clock.now())
        with pytest.raises(Unauthenticated):
            async with transaction():
                await people.still_signed_in(other)


async def test_a_revocation_waits_for_what_is_being_done(club: Club) -> None:
    """Whichever is first: what is counted was sent by a device that stood."""
    steps: list[str] = []
    asked = asyncio.Event()

    async def act(viewer: Viewer) -> None:
        with club.host.unit():
            async with transaction():
                await people.still_signed_in(viewer)
                asked.set()
                await asyncio.sleep(0.2)
                steps.append("done")

    async def revoke(device: str) -> None:
        await asked.wait()
        await club.ask("keeper", REVOKE, input={"deviceId": device})
        steps.append("revoked")

    with club.host.unit():
        viewer = await club.viewer("player")
        await club.viewer("keeper")
    await asyncio.gather(act(viewer), revoke(global_id("Device", str(viewer.device_id))))
    assert steps == ["done", "revoked"]
