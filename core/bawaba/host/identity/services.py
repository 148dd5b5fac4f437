"""The verbs of identity: revoke a device, suspend and reinstate an account, grant and take roles.

Each locks, changes rows, records it in the audit trail and announces it on
:data:`~bawaba.host.identity.domain.SESSIONS_TOPIC`, in one transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from tortoise.expressions import Q

from bawaba import audit, live, runtime
from bawaba.db import locked, transaction
from bawaba.graphql import NotFound
from bawaba.host.identity import domain, rules
from bawaba.host.identity.models import Device, Person, RoleGrant
from bawaba.plugin import Grant, Role
from bawaba.viewer import EVERYWHERE, Viewer


async def revoke_device(viewer: Viewer, device_id: str, reason: str | None) -> Device:
    """Sign a device out for good. Revoking it again changes nothing.

    Raises:
        NotFound: there is none, or it is neither the viewer's own nor theirs to manage.
        BadReason: the reason is too long.
    """
    reason = domain.reason_of(reason, required=False)
    async with transaction():
        device = await locked(Device.filter(id=device_id)).first()
        if device is None or not await sees(viewer, [device.person_id]):
            raise NotFound("deviceId")
        if device.revoked_at is None:
            device.revoked_at, device.revoked_by, device.reason = (
                runtime.now(),
                viewer.person(),
                reason,
            )
            await device.save(update_fields=["revoked_at", "revoked_by", "reason"])
            await audit.record(
                viewer, "device.revoked", f"Device:{device.id}", {"person": device.person_id}
            )
            await live.emit(domain.SESSIONS_TOPIC, domain.DEVICE_REVOKED, {"device_id": device.id})
    return device


async def suspend_account(viewer: Viewer, person_id: str, reason: str) -> Person:
    """Shut a person out until reinstated.

    Suspending again changes nothing, but for this: who manages accounts everywhere takes over
    what was suspended in a scope, so that nobody lifts it there.

    Raises:
        Forbidden: the viewer may not manage accounts.
        NotFound: there is no such person, or they are not the viewer's to manage.
        OwnAccount: it is the viewer's own.
        BadReason: it is empty or too long.
    """
    _require_manager(viewer)
    given = domain.reason_of(reason, required=True)
    if person_id == viewer.person_id:
        raise domain.OwnAccount("personId")
    async with transaction():
        person, scope = await _locked_person(viewer, person_id)
        taken_over = scope == EVERYWHERE and person.suspended_scope is not None
        if person.suspended_at is None or taken_over:
            person.suspended_at, person.suspended_by = runtime.now(), viewer.person_id
            person.suspended_scope = None if scope == EVERYWHERE else scope
            person.suspension_reason = given
            await _save_suspension(viewer, person, "account.suspended", domain.ACCOUNT_SUSPENDED)
    return person


async def reinstate_account(viewer: Viewer, person_id: str) -> Person:
    """Let a suspended person in again, on devices that were not revoked.

    Raises:
        Forbidden: the viewer may not manage accounts, or not in the scope in which it was
            suspended; what was suspended everywhere is lifted by who manages accounts everywhere.
        NotFound: there is no such person, or they are not the viewer's to manage.
    """
    _require_manager(viewer)
    async with transaction():
        person, _ = await _locked_person(viewer, person_id)
        if person.suspended_at is not None:
            viewer.require(domain.ACCOUNTS_MANAGE, person.suspended_scope or EVERYWHERE)
            person.suspended_at = person.suspended_by = None
            person.suspended_scope = person.suspension_reason = None
            await _save_suspension(viewer, person, "account.reinstated", domain.ACCOUNT_REINSTATED)
    return person


async def grant_role(
    reference: str, role: str, scope: str = EVERYWHERE, *, actor: Viewer | None = None
) -> bool:
    """Give a person a role; return whether it was not held already. For operators.

    Args:
        reference: the person's subject at the issuer (a handle in the demo), or id.
        role: a declared role's name.
        scope: an agency's or body's code, or everywhere.
        actor: None for the command line.

    Raises:
        LookupError: no loaded plugin declares the role, or nobody or more than one is meant.
    """
    _check_declared(role)
    async with transaction():
        return await give(actor, (await _meant(reference)).id, role, scope)


async def withdraw_role(
    reference: str, role: str, scope: str = EVERYWHERE, *, actor: Viewer | None = None
) -> bool:
    """Take a role from a person; return whether it was held. See :func:`grant_role`.

    Raises:
        LookupError: nobody or more than one is meant.
    """
    async with transaction():
        return await take(actor, (await _meant(reference)).id, role, scope)


def _check_declared(role: str) -> None:
    if role not in {declared.name for declared in declared_roles()}:
        raise LookupError(f"no loaded plugin declares the role {role!r}")


async def give(actor: Viewer | None, person_id: str, role: str, scope: str) -> bool:
    """Give a known person a role, in the current transaction; return whether it was new.

    Raises:
        LookupError: no loaded plugin declares the role.
    """
    _check_declared(role)
    if await RoleGrant.filter(person_id=person_id, role=role, scope=scope).exists():
        return False
    await RoleGrant.create(
        id=runtime.new_id(),
        person_id=person_id,
        role=role,
        scope=scope,
        granted_at=runtime.now(),
        granted_by=actor.person_id if actor else None,
    )
    await _announce_grants(actor, "role.granted", person_id, role, scope)
    return True


async def take(actor: Viewer | None, person_id: str, role: str, scope: str) -> bool:
    """Take a role from a person, in the current transaction; return whether it was held."""
    held = bool(await RoleGrant.filter(person_id=person_id, role=role, scope=scope).delete())
    if held:
        await _announce_grants(actor, "role.withdrawn", person_id, role, scope)
    return held


def declared_roles() -> Sequence[Role]:
    """Return every role that a loaded plugin declares."""
    return runtime.current().registry.all("declare_roles")


async def roles_held(person_ids: Iterable[str]) -> Mapping[str, frozenset[str]]:
    """Return person id to the names of the roles held, everyone's included."""
    wanted = list(person_ids)
    rows = await RoleGrant.filter(person_id__in=wanted).values("person_id", "role")
    declared = declared_roles()
    return {
        person: rules.role_names(
            (Grant(row["role"]) for row in rows if row["person_id"] == person), declared
        )
        for person in wanted
    }


async def sees(viewer: Viewer, person_ids: Collection[str]) -> frozenset[str]:
    """Return whose devices and account, of these people's, the viewer may see and sign out.

    One's own; anybody's for who manages accounts everywhere; for who manages them in a scope,
    those of the people who belong to it, but for who manages accounts everywhere.
    """
    if viewer.is_anonymous:
        return frozenset()
    others = {each for each in person_ids if each != viewer.person_id}
    return frozenset(person_ids) - others | frozenset(await managed(viewer, others))


async def managed(viewer: Viewer, person_ids: Collection[str]) -> Mapping[str, str]:
    """Return in which scope the viewer manages the account of each of these people.

    Everywhere, or the first by code of the scopes that the viewer manages and the person belongs
    to; who is not theirs to manage is absent.
    """
    scopes = viewer.grants.get(domain.ACCOUNTS_MANAGE, frozenset())
    if EVERYWHERE in scopes:
        return dict.fromkeys(person_ids, EVERYWHERE)
    if not scopes or not person_ids:
        return {}
    belongs: dict[str, frozenset[str]] = {}
    for membership in runtime.current().registry.all("declare_memberships"):
        for person, codes in (await membership.scopes(person_ids)).items():
            belongs[person] = belongs.get(person, frozenset()) | codes
    found = {person: min(codes & scopes) for person, codes in belongs.items() if codes & scopes}
    above = await _managing_everywhere(found) if found else frozenset()
    return {person: scope for person, scope in found.items() if person not in above}


async def _managing_everywhere(person_ids: Iterable[str]) -> frozenset[str]:
    roles = [r.name for r in declared_roles() if domain.ACCOUNTS_MANAGE in r.permissions]
    rows = RoleGrant.filter(person_id__in=list(person_ids), role__in=roles, scope=EVERYWHERE)
    return frozenset(await rows.values_list("person_id", flat=True))  # type: ignore[arg-type]


def _require_manager(viewer: Viewer) -> None:
    """Pass if the viewer manages accounts in any scope; whose is asked for each person."""
    if not viewer.can_anywhere(domain.ACCOUNTS_MANAGE):
        viewer.require(domain.ACCOUNTS_MANAGE)


async def _locked_person(viewer: Viewer, person_id: str) -> tuple[Person, str]:
    """Return the person, and in which scope the viewer manages their account."""
    person = await locked(Person.filter(id=person_id)).first()
    scope = (await managed(viewer, [person_id])).get(person_id)
    if person is None or scope is None:
        raise NotFound("personId")
    return person, scope


async def _meant(reference: str) -> Person:
    """Return the one person with this subject or id, locked."""
    found = await locked(
        Person.filter(Q(id=reference) | Q(subject=reference)).order_by("id")
    ).limit(2)
    if len(found) != 1:
        count = "nobody" if not found else "more than one person"
        raise LookupError(
            f"{count} has the subject or id {reference!r}; a person is known once signed in"
        )
    return found[0]


async def _save_suspension(viewer: Viewer, person: Person, action: str, kind: str) -> None:
    columns = ["suspended_at", "suspended_by", "suspended_scope", "suspension_reason"]
    await person.save(update_fields=columns)
    told = {"scope": person.suspended_scope or EVERYWHERE} if person.suspended_at else {}
    await audit.record(viewer, action, f"Person:{person.id}", told)
    await live.emit(domain.SESSIONS_TOPIC, kind, {"person_id": person.id})


async def _announce_grants(
    actor: Viewer | None, action: str, person_id: str, role: str, scope: str
) -> None:
    await audit.record(actor, action, f"Person:{person_id}", {"role": role, "scope": scope})
    await live.emit(domain.SESSIONS_TOPIC, domain.GRANTS_CHANGED, {"person_id": person_id})
