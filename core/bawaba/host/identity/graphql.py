"""Persons and devices on the wire."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, cast

import strawberry

from bawaba import people
from bawaba.core_types import Device, Person
from bawaba.graphql import (
    PUBLIC,
    After,
    Connection,
    First,
    Info,
    UserError,
    argument,
    field,
    global_id,
    leaf,
    raw_id,
)  # fmt: skip
from bawaba.host.identity import domain, models, services
from bawaba.text import Text, both
from bawaba.viewer import Viewer

_DEVICE_COLUMNS = ("id", "label", "created_at", "last_seen_at", "revoked_at")


@strawberry.type
class PersonFields:
    """What identity adds to Person; ``self`` is the person."""

    @field(
        permission=domain.ACCOUNTS_OWN,
        en="Devices signed in for the person, newest first; null where you may not see them.",
        ar="الأجهزة التي سُجّل الدخول منها، الأحدث أولاً؛ وتكون فارغة إن لم يجز لك الاطلاع عليها.",
        cost=2,
    )
    async def devices(
        self, info: Info, first: First, after: After = None
    ) -> Connection[Device] | None:
        """Return a page of devices."""
        person_id = cast("Person", self).person_id
        if not await services.sees(info.context.viewer, [person_id]):
            return None
        page = await people.devices(person_id, first, after)
        return Connection[Device].of(page, lambda row: Device.of(row, info.context.viewer))  # type: ignore[no-any-return]


@strawberry.type
class IdentityQuery:
    """Who I am."""

    @field(
        permission=PUBLIC,
        en="Who is signed in; null for an anonymous visitor.",
        ar="صاحب جلسة الدخول الحالية؛ وتكون فارغة للزائر غير المسجل.",
    )
    def me(self, info: Info) -> Person | None:
        """Return the viewer as a person."""
        viewer = info.context.viewer
        return None if viewer.is_anonymous else _myself(viewer)


@strawberry.input(description=both("Which device to sign out.", "الجهاز المطلوب إبطاله."))
class RevokeDeviceInput:
    """Input of revokeDevice."""

    device_id: strawberry.ID = leaf("The device.", "الجهاز.")
    reason: str | None = leaf("Why, for the audit trail.", "السبب، لسجل التدقيق.", default=None)


@strawberry.input(description=both("Which account to suspend.", "الحساب المطلوب تعليقه."))
class SuspendAccountInput:
    """Input of suspendAccount."""

    person_id: strawberry.ID = leaf("The person.", "الشخص.")
    reason: str = leaf("Why, 1 to 500 characters.", "السبب، من 1 إلى 500 حرف.")


@strawberry.input(description=both("Which account to reinstate.", "الحساب المطلوب إعادة تفعيله."))
class ReinstateAccountInput:
    """Input of reinstateAccount."""

    person_id: strawberry.ID = leaf("The person.", "الشخص.")


@strawberry.type(description=both("The device signed out.", "الجهاز الذي أُبطل."))
class RevokeDevicePayload:
    """What revokeDevice returns."""

    errors: list[UserError] = leaf("Why nothing changed.", "سبب عدم التنفيذ.")
    device: Device | None = leaf("The device as it is now.", "الجهاز بحالته الآن.", default=None)


@strawberry.type(description=both("The account suspended.", "الحساب الذي عُلّق."))
class SuspendAccountPayload:
    """What suspendAccount returns."""

    errors: list[UserError] = leaf("Why nothing changed.", "سبب عدم التنفيذ.")
    person: Person | None = leaf("The person as they are now.", "الشخص بحالته الآن.", default=None)


@strawberry.type(description=both("The account reinstated.", "الحساب الذي أُعيد تفعيله."))
class ReinstateAccountPayload:
    """What reinstateAccount returns."""

    errors: list[UserError] = leaf("Why nothing changed.", "سبب عدم التنفيذ.")
    person: Person | None = leaf("The person as they are now.", "الشخص بحالته الآن.", default=None)


RevokeDeviceArgument = Annotated[RevokeDeviceInput, argument("The device.", "الجهاز.")]
SuspendAccountArgument = Annotated[SuspendAccountInput, argument("The account.", "الحساب.")]
ReinstateAccountArgument = Annotated[ReinstateAccountInput, argument("The account.", "الحساب.")]


@strawberry.type
class IdentityMutation:
    """What changes who may come in."""

    @field(
        permission=domain.ACCOUNTS_OWN,
        en="Sign a device out for good: its token is dead at once and its sockets close.",
        ar="إبطال جهاز نهائياً: يتوقف رمز دخوله فوراً وتُغلق اتصالاته.",
    )
    async def revoke_device(
        self,
        info: Info,
        input: RevokeDeviceArgument,
    ) -> RevokeDevicePayload:
        """Revoke one's own device, or anybody's for who may manage accounts."""
        viewer = info.context.viewer
        device_id = raw_id(input.device_id, "Device", "deviceId")
        row = await services.revoke_device(viewer, device_id, input.reason)
        return RevokeDevicePayload(device=Device.of(vars(row), viewer), errors=[])

    @field(
        permission=domain.ACCOUNTS_MANAGE,
        en="Shut a person out, on every device, until reinstated.",
        ar="منع شخص من الدخول من جميع أجهزته حتى يُعاد تفعيل حسابه.",
    )
    async def suspend_account(
        self,
        info: Info,
        input: SuspendAccountArgument,
    ) -> SuspendAccountPayload:
        """Suspend an account."""
        person_id = raw_id(input.person_id, "Person", "personId")
        row = await services.suspend_account(info.context.viewer, person_id, input.reason)
        return SuspendAccountPayload(person=await _shown(info, row), errors=[])

    @field(
        permission=domain.ACCOUNTS_MANAGE,
        en="Let a suspended person in again. Who manages the accounts of one body reinstates only"
        " those that were suspended in it.",
        ar="السماح لشخص عُلّق حسابه بالدخول من جديد. ومن يدير حسابات جهة واحدة لا يعيد إلا تفعيل"
        " الحسابات التي عُلّقت فيها.",
    )
    async def reinstate_account(
        self,
        info: Info,
        input: ReinstateAccountArgument,
    ) -> ReinstateAccountPayload:
        """Reinstate an account."""
        person_id = raw_id(input.person_id, "Person", "personId")
        row = await services.reinstate_account(info.context.viewer, person_id)
        return ReinstateAccountPayload(person=await _shown(info, row), errors=[])


async def load_persons(info: Info, ids: Sequence[str]) -> Mapping[str, Person]:
    """Return those of these persons whom the viewer may see: oneself, and whom one manages."""
    viewer = info.context.viewer
    allowed = await services.sees(viewer, ids)
    rows = await models.Person.filter(id__in=list(allowed)) if allowed else []
    held = await services.roles_held(row.id for row in rows) if rows else {}
    return {row.id: _person(info, row, held[row.id], seen=True) for row in rows}


async def load_devices(info: Info, ids: Sequence[str]) -> Mapping[str, Device]:
    """Return those of these devices that are the viewer's own or theirs to manage."""
    viewer = info.context.viewer
    if viewer.is_anonymous:
        return {}
    devices = models.Device.filter(id__in=list(ids))
    if not viewer.can_anywhere(domain.ACCOUNTS_MANAGE):
        devices = devices.filter(person_id=viewer.person())
    rows = await devices.values(*_DEVICE_COLUMNS, "person_id")
    allowed = await services.sees(viewer, {row["person_id"] for row in rows})
    return {row["id"]: Device.of(row, viewer) for row in rows if row["person_id"] in allowed}


def _myself(viewer: Viewer) -> Person:
    """Return the viewer as a person, without asking the database again."""
    return Person(
        id=global_id("Person", viewer.person()),
        display_name=viewer.display_name,
        national_id=viewer.national_id,
        roles=sorted(viewer.roles),
        suspended_at=None,
        person_id=viewer.person(),
    )


async def _shown(info: Info, row: models.Person) -> Person:
    seen = await services.sees(info.context.viewer, [row.id])
    return _person(info, row, (await services.roles_held([row.id]))[row.id], seen=bool(seen))


def _person(info: Info, row: models.Person, roles: frozenset[str], *, seen: bool) -> Person:
    return Person(
        id=global_id("Person", row.id),
        display_name=info.context.say(Text(row.name, row.name_ar)),
        national_id=row.national_id if seen else None,
        roles=sorted(roles) if seen else [],
        suspended_at=row.suspended_at,
        person_id=row.id,
    )
