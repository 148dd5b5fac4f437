"""Who a token makes of its holder, on both databases: first sight, devices, suspension, roles."""

from __future__ import annotations

import asyncio
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from bawaba.db import transaction
from bawaba.errors import AccountSuspended, BootError, Forbidden, Unauthenticated
from bawaba.graphql import NotFound
from bawaba.host.audit.models import AuditEntry
from bawaba.host.identity import (
    DemoIssuer,
    Identity,
    grant_role,
    load_people,
    services,
    withdraw_role,
)
from bawaba.host.identity.demo import ISSUER
from bawaba.host.identity.domain import BadReason, OwnAccount
from bawaba.host.identity.identifying import REVOKED
from bawaba.host.identity.models import Device, Person, RoleGrant
from bawaba.host.identity.tokens import TokenRules
from bawaba.plugin import DemoPerson
from bawaba.text import Language, Text
from bawaba.viewer import Viewer
from core_alone import ADMIN, CORE, SARA
from world import START, World

ROLES = CORE.all("declare_roles")


@pytest.fixture
def issuer(room: World) -> DemoIssuer:
    return DemoIssuer(room.data, demo=True, audience="bawaba", clock=room.clock)


@pytest.fixture
def identity(issuer: DemoIssuer) -> Identity:
    return Identity(issuer, TokenRules(ISSUER, "bawaba"), ROLES)


async def enter(identity: Identity, token: str | None, language: Language = Language.EN) -> Viewer:
    return await identity.authenticate(token, language=language, user_agent="curl/8")


async def test_without_a_token_a_visitor_is_anonymous(room: World, identity: Identity) -> None:
    viewer = await enter(identity, None, Language.AR)
    assert viewer.is_anonymous
    assert viewer.language is Language.AR
    assert viewer.grants == {}
    assert await identity.refresh(viewer) is viewer


async def test_the_first_sight_of_a_token_makes_the_person_and_the_device(
    room: World, issuer: DemoIssuer, identity: Identity
) -> None:
    viewer = await enter(identity, issuer.issue(SARA, device_label="Phone"))
    assert (viewer.national_id, viewer.display_name) == ("900101001", "Sara")
    assert viewer.roles == {"citizen"}
    assert viewer.can("payments.pay")
    assert not viewer.can("accounts.manage")
    device = await Device.get(id=viewer.device_id)
    assert (device.person_id, device.label, device.created_at) == (viewer.person_id, "Phone", START)
    assert (await enter(identity, issuer.issue(SARA), Language.AR)).display_name == "سارة"


async def test_a_device_without_a_label_is_named_by_its_user_agent(
    room: World, issuer: DemoIssuer, identity: Identity
) -> None:
    agent = "x" * 200 + "\x00\udcff"
    viewer = await identity.authenticate(
        issuer.issue(SARA), language=Language.EN, user_agent="\udcff\x00" + agent
    )
    assert (await Device.get(id=viewer.device_id)).label == "?" + "x" * 119


async def test_the_same_token_is_the_same_device_and_a_new_one_another(
    room: World, issuer: DemoIssuer, identity: Identity
) -> None:
    token = issuer.issue(SARA)
    first, again, other = [await enter(identity, t) for t in (token, token, issuer.issue(SARA))]
    assert first == again
    assert first.person_id == other.person_id
    assert first.device_id != other.device_id


async def test_many_first_requests_at_once_make_one_person_and_one_device(
    room: World, issuer: DemoIssuer, identity: Identity
) -> None:
    token = issuer.issue(SARA)
    viewers = await asyncio.gather(*(enter(identity, token) for _ in range(24)))
    assert len({viewer.device_id for viewer in viewers}) == 1
    assert (await Person.all().count(), await Device.all().count()) == (1, 1)


async def test_a_known_token_costs_one_statement(
    room: World, issuer: DemoIssuer, identity: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = issuer.issue(SARA)
    viewer = await enter(identity, token)
    statements: list[str] = []
    client: Any = room.database.client
    for name in ("execute_query", "execute_query_dict", "execute_insert"):
        original = getattr(type(client), name)

        async def counted(
            self: Any, query: str, *a: Any, _original: Any = original, **k: Any
        ) -> Any:
            statements.append(query)
            return await _original(self, query, *a, **k)

        monkeypatch.setattr(type(client), name, counted)
    await enter(identity, token)
    assert len(statements) <= 2  # a client may spell one of these by the other
    assert len(set(statements)) == 1
    statements.clear()
    await identity.refresh(viewer)
    assert len(set(statements)) == 1


async def test_last_seen_moves_once_a_minute(
    room: World, issuer: DemoIssuer, identity: Identity
) -> None:
    token = issuer.issue(SARA)
    viewer = await enter(identity, token)
    seen = []
    for seconds in (59, 1, 59, 1):
        room.clock.forward(seconds=seconds)
        await enter(identity, token)
        seen.append(((await Device.get(id=viewer.device_id)).last_seen_at - START).total_seconds())
    assert seen == [0, 60, 60, 120]


async def test_a_newer_token_renames_and_an_older_one_does_not(
    room: World, issuer: DemoIssuer, identity: Identity
) -> None:
    old = issuer.issue(SARA)
    await enter(identity, old)
    room.clock.forward(minutes=5)
    married = issuer.issue(DemoPerson("sara", Text("Sara Hasan", "سارة حسن"), "900101002"))
    assert (await enter(identity, married)).display_name == "Sara Hasan"
    viewer = await enter(identity, old)
    assert (viewer.display_name, viewer.national_id) == ("Sara Hasan", "900101002")


async def test_a_revoked_device_is_dead_at_once_and_the_others_live(
    room: World, issuer: DemoIssuer, identity: Identity
) -> None:
    stolen, kept = issuer.issue(SARA, device_label="tablet"), issuer.issue(SARA)
    thief, owner = await enter(identity, stolen), await enter(identity, kept)
    row = await services.revoke_device(owner, thief.device_id or "", " stolen ")
    assert (row.revoked_at, row.reason, row.revoked_by) == (START, "stolen", owner.person_id)
    for attempt in (enter(identity, stolen), identity.refresh(thief)):
        with pytest.raises(Unauthenticated) as caught:
            await attempt
        assert caught.value.detail == REVOKED
    assert await enter(identity, kept) == await identity.refresh(owner) == owner
    assert room.live.emitted == [
        ("identity.sessions", "DEVICE_REVOKED", {"device_id": thief.device_id})
    ]
    entry = await AuditEntry.get(number=1)
    assert (entry.actor, entry.action, entry.resource) == (
        owner.person_id, "device.revoked", f"Device:{thief.device_id}"
    )  # fmt: skip
    room.clock.forward(hours=1)
    again = await services.revoke_device(owner, thief.device_id or "", None)
    assert again.revoked_at == START
    assert len(room.live.emitted) == 1


async def test_only_the_owner_and_account_managers_revoke(
    room: World, issuer: DemoIssuer, identity: Identity
) -> None:
    await load_people([ADMIN])
    sara = await enter(identity, issuer.issue(SARA))
    stranger = await enter(identity, issuer.issue(DemoPerson("ali", Text("Ali", "علي"), "1")))
    admin = await enter(identity, issuer.issue(ADMIN))
    for viewer, device in ((stranger, sara.device_id or ""), (sara, "nothing")):
        with pytest.raises(NotFound):
            await services.revoke_device(viewer, device, None)
    with pytest.raises(BadReason):
        await services.revoke_device(sara, sara.device_id or "", "x" * 501)
    assert room.live.emitted == []
    await services.revoke_device(admin, sara.device_id or "", None)
    with pytest.raises(Unauthenticated):
        await identity.refresh(sara)


async def test_what_fails_later_in_the_transaction_undoes_a_revocation(
    room: World, issuer: DemoIssuer, identity: Identity
) -> None:
    viewer = await enter(identity, issuer.issue(SARA))

    async def fails_later() -> None:
        async with transaction():
            await services.revoke_device(viewer, viewer.device_id or "", None)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fails_later()
    assert await identity.refresh(viewer) == viewer
    assert await AuditEntry.all().count() == 0


async def test_a_suspended_account_is_shut_on_every_device_until_reinstated(
    room: World, issuer: DemoIssuer, identity: Identity
) -> None:
    await load_people([ADMIN])
    token = issuer.issue(SARA)
    sara, admin = await enter(identity, token), await enter(identity, issuer.issue(ADMIN))
    person = await services.suspend_account(admin, sara.person_id or "", "lost tablet")
    assert (person.suspended_at, person.suspended_by, person.suspension_reason) == (
        START, admin.person_id, "lost tablet"
    )  # fmt: skip
    for attempt in (
        enter(identity, token),
        enter(identity, issuer.issue(SARA)),
        identity.refresh(sara),
    ):
        with pytest.raises(AccountSuspended, match="suspended") as caught:
            await attempt
        assert caught.value.code == "ACCOUNT_SUSPENDED", "to sign in again would change nothing"
    assert await Device.filter(person_id=sara.person_id).count() == 1
    await services.suspend_account(admin, sara.person_id or "", "again")
    await services.reinstate_account(admin, sara.person_id or "")
    await services.reinstate_account(admin, sara.person_id or "")
    assert await enter(identity, token) == sara
    assert [kind for _, kind, _ in room.live.emitted] == ["ACCOUNT_SUSPENDED", "ACCOUNT_REINSTATED"]
    assert await AuditEntry.all().order_by("number").values_list("action", flat=True) == [
        "account.suspended", "account.reinstated"
    ]  # fmt: skip


async def test_who_may_not_suspend_whom(
    room: World, issuer: DemoIssuer, identity: Identity
) -> None:
    await load_people([ADMIN])
    sara, admin = (
        await enter(identity, issuer.issue(SARA)),
        await enter(identity, issuer.issue(ADMIN)),
    )
    cases = [
        (sara, admin.person_id, "revenge", Forbidden),
        (admin, admin.person_id, "tired", OwnAccount),
        (admin, sara.person_id, "  ", BadReason),
        (admin, sara.person_id, "x" * 501, BadReason),
        (admin, "nobody", "why not", NotFound),
    ]
    for viewer, person, reason, expected in cases:
        with pytest.raises(expected):
            await services.suspend_account(viewer, person or "", reason)
    with pytest.raises(Forbidden):
        await services.reinstate_account(sara, admin.person_id or "")
    assert room.live.emitted == []


async def test_roles_granted_and_withdrawn_are_read_at_the_next_step(
    room: World, issuer: DemoIssuer, identity: Identity
) -> None:
    viewer = await enter(identity, issuer.issue(SARA))
    assert await grant_role("sara", "admin", "harbour-office")
    assert not await grant_role("sara", "admin", "harbour-office")
    assert await grant_role(viewer.person_id or "", "admin", "lighthouse")
    now = await identity.refresh(viewer)
    assert now.roles == {"citizen", "admin"}
    assert now.grants["accounts.manage"] == {"harbour-office", "lighthouse"}
    assert not now.can("accounts.manage")
    assert now.can("accounts.manage", "lighthouse")
    assert await withdraw_role("sara", "admin", "lighthouse")
    assert not await withdraw_role("sara", "admin", "lighthouse")
    assert (await identity.refresh(viewer)).grants["accounts.manage"] == {"harbour-office"}
    assert [kind for _, kind, _ in room.live.emitted] == ["GRANTS_CHANGED"] * 3
    for reference, role in (("sara", "emperor"), ("nobody", "admin")):
        with pytest.raises(LookupError):
            await grant_role(reference, role)


async def test_a_role_of_a_plugin_that_is_gone_gives_nothing(
    room: World, issuer: DemoIssuer, identity: Identity
) -> None:
    viewer = await enter(identity, issuer.issue(SARA))
    await RoleGrant.create(
        id="g", person_id=viewer.person_id, role="of-a-former-plugin", scope="*", granted_at=START
    )
    assert await identity.refresh(viewer) == viewer


async def test_demo_people_load_any_number_of_times(
    room: World, issuer: DemoIssuer, identity: Identity
) -> None:
    await asyncio.gather(*(load_people([ADMIN, SARA]) for _ in range(6)))
    assert (await Person.all().count(), await RoleGrant.all().count()) == (2, 1)
    viewer = await enter(identity, issuer.issue(ADMIN))
    assert viewer.roles == {"admin", "citizen"}
    assert await Person.all().count() == 2


async def test_outside_the_demo_there_are_neither_people_nor_an_issuer(room: World) -> None:
    room.runtime.demo = False
    with pytest.raises(BootError):
        await load_people([SARA])
    with pytest.raises(BootError, match="BAWABA_OIDC_ISSUER"):
        DemoIssuer(room.data / "other", demo=False, audience="bawaba")
    assert not (room.data / "other").exists()


def test_the_demo_key_is_private_and_survives_six_starts_at_once(tmp_path: Path) -> None:
    data = tmp_path / "new" / "folder"
    code = (
        "import sys; from pathlib import Path; from bawaba.host.identity import DemoIssuer;"
        "print(DemoIssuer(Path(sys.argv[1]), demo=True, audience='b').jwks()['keys'][0]['kid'])"
    )
    command = [sys.executable, "-c", code, str(data)]
    started = [
        subprocess.Popen(command, stdout=subprocess.PIPE, env=dict(os.environ)) for _ in range(6)
    ]
    kids = {process.communicate(timeout=60)[0] for process in started}
    assert len(kids) == 1
    assert kids != {b""}
    assert [file.name for file in data.iterdir()] == ["demo-issuer.json"]
    assert stat.S_IMODE((data / "demo-issuer.json").stat().st_mode) == 0o600
    (data / "demo-issuer.json").write_text("{")
    with pytest.raises(BootError, match="damaged"):
        DemoIssuer(data, demo=True, audience="b")


async def test_the_published_key_holds_no_secret(room: World, issuer: DemoIssuer) -> None:
    (key,) = issuer.jwks()["keys"]
    assert "d" not in key
    assert [route.path for route in issuer.routes()] == [
        "/demo-issuer/.well-known/openid-configuration", "/demo-issuer/jwks.json"
    ]  # fmt: skip
