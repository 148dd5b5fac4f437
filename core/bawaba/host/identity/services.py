"""The verbs of identity: revoke a device, suspend and reinstate an account, grant and take roles.

Each locks, changes rows, records it in the audit trail and announces it on
:data:`~bawaba.host.identity.domain.SESSIONS_TOPIC`, in one transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

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
        if device is None or not _manages(viewer, device.person_id):
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
    """Shut a person out until reinstated. Suspending again changes nothing.

    Raises:
        Forbidden: the viewer may not manage accounts.
        NotFound: there is no such person.
        OwnAccount: it is the viewer's own.
        BadReason: it is empty or too long.
    """
    viewer.require(domain.ACCOUNTS_MANAGE)
    given = domain.reason_of(reason, required=True)
    if person_id == viewer.person_id:
        raise domain.OwnAccount("personId")
    async with transaction():
        person = await _locked_person(person_id)
        if person.suspended_at is None:
            person.suspended_at, person.suspended_by = runtime.now(), viewer.person_id
            person.suspension_reason = given
            await _save_suspension(viewer, person, "account.suspended", domain.ACCOUNT_SUSPENDED)
    return person


async def reinstate_account(viewer: Viewer, person_id: str) -> Person:
    """Let a suspended person in again, on devices that were not revoked.

    Raises:
        Forbidden: the viewer may not manage accounts.
        NotFound: there is no such person.
    """
    viewer.require(domain.ACCOUNTS_MANAGE)
    async with transaction():
        person = await _locked_person(person_id)
        if person.suspended_at is not None:
            person.suspended_at = person.suspended_by = person.suspension_reason = None
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
    if role not in {declared.name for declared in declared_roles()}:
        raise LookupError(f"no loaded plugin declares the role {role!r}")
    async with transaction():
        person = await _meant(reference)
        held = await RoleGrant.filter(person_id=person.id, role=role, scope=scope).exists()
        if not held:
            await RoleGrant.create(
                id=runtime.new_id(),
                person_id=person.id,
                role=role,
                scope=scope,
                granted_at=runtime.now(),
                granted_by=actor.person_id if actor else None,
            )
            await _announce_grants(actor, "role.granted", person.id, role, scope)
    return not held


async def withdraw_role(
    reference: str, role: str, scope: str = EVERYWHERE, *, actor: Viewer | None = None
) -> bool:
    """Take a role from a person; return whether it was held. See :func:`grant_role`.

    Raises:
        LookupError: nobody or more than one is meant.
    """
    async with transaction():
        person = await _meant(reference)
        held = bool(await RoleGrant.filter(person_id=person.id, role=role, scope=scope).delete())
        if held:
            await _announce_grants(actor, "role.withdrawn", person.id, role, scope)
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


def _manages(viewer: Viewer, person_id: str) -> bool:
    return viewer.person() == person_id or viewer.can(domain.ACCOUNTS_MANAGE)


async def _locked_person(person_id: str) -> Person:
    person = await locked(Person.filter(id=person_id)).first()
    if person is None:
        raise NotFound("personId")
    return person


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
    await person.save(update_fields=["suspended_at", "suspended_by", "suspension_reason"])
    await audit.record(viewer, action, f"Person:{person.id}")
    await live.emit(domain.SESSIONS_TOPIC, kind, {"person_id": person.id})


async def _announce_grants(
    actor: Viewer | None, action: str, person_id: str, role: str, scope: str
) -> None:
    await audit.record(actor, action, f"Person:{person_id}", {"role": role, "scope": scope})
    await live.emit(domain.SESSIONS_TOPIC, domain.GRANTS_CHANGED, {"person_id": person_id})
