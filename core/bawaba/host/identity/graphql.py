"""Persons and devices on the wire."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, cast

import strawberry

from bawaba.core_types import Person
from bawaba.graphql import (
    PUBLIC,
    After,
    Connection,
    First,
    Info,
    Node,
    UserError,
    argument,
    field,
    global_id,
    leaf,
    raw_id,
)  # fmt: skip
from bawaba.host.identity import domain, models, services
from bawaba.paging import keyset_page
from bawaba.text import Text, both
from bawaba.viewer import Viewer

_DEVICE_COLUMNS = ("id", "label", "created_at", "last_seen_at", "revoked_at")


@strawberry.type(description=both("One sign-in of a person.", "جلسة دخول لشخص على جهاز."))
class Device(Node):
    """A device that may act, or might have acted, for a person."""

    label: str = leaf("How it names itself.", "الاسم الذي يعرّف به نفسه.")
    created_at: dt.datetime = leaf("When it signed in.", "وقت تسجيل الدخول.")
    last_seen_at: dt.datetime = leaf(
        "When it was last used, to a minute.", "آخر استخدام، بدقة دقيقة."
    )
    revoked_at: dt.datetime | None = leaf("When it was signed out.", "وقت إبطال الجهاز.")
    is_current: bool = leaf("Whether it is the one asking now.", "هل هو الجهاز المستخدم الآن.")

    @classmethod
    def of(cls, row: Mapping[str, Any], viewer: Viewer) -> Device:
        """Return the GraphQL object of a device row."""
        return cls(
            id=global_id("Device", row["id"]),
            label=row["label"],
            created_at=row["created_at"],
            last_seen_at=row["last_seen_at"],
            revoked_at=row["revoked_at"],
            is_current=row["id"] == viewer.device_id,
        )


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
        if not _sees(info.context.viewer, person_id):
            return None
        devices = models.Device.filter(person_id=person_id)
        page = await keyset_page(
            devices, order=["-id"], first=first, after=after, columns=_DEVICE_COLUMNS
        )
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
        en="Let a suspended person in again.",
        ar="السماح لشخص عُلّق حسابه بالدخول من جديد.",
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
    """Return those of these persons whom the viewer may see: oneself; managers see all."""
    viewer = info.context.viewer
    allowed = [each for each in ids if _sees(viewer, each)]
    rows = await models.Person.filter(id__in=allowed) if allowed else []
    held = await services.roles_held(row.id for row in rows) if rows else {}
    return {row.id: _person(info, row, held[row.id]) for row in rows}


async def load_devices(info: Info, ids: Sequence[str]) -> Mapping[str, Device]:
    """Return those of these devices that are the viewer's own or theirs to manage."""
    viewer = info.context.viewer
    if viewer.is_anonymous:
        return {}
    devices = models.Device.filter(id__in=list(ids))
    if not viewer.can(domain.ACCOUNTS_MANAGE):
        devices = devices.filter(person_id=viewer.person())
    return {row["id"]: Device.of(row, viewer) for row in await devices.values(*_DEVICE_COLUMNS)}


def _sees(viewer: Viewer, person_id: str) -> bool:
    if viewer.is_anonymous:
        return False
    return person_id == viewer.person_id or viewer.can(domain.ACCOUNTS_MANAGE)


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
    return _person(info, row, (await services.roles_held([row.id]))[row.id])


def _person(info: Info, row: models.Person, roles: frozenset[str]) -> Person:
    seen = _sees(info.context.viewer, row.id)
    return Person(
        id=global_id("Person", row.id),
        display_name=info.context.say(Text(row.name, row.name_ar)),
        national_id=row.national_id if seen else None,
        roles=sorted(roles) if seen else [],
        suspended_at=row.suspended_at,
        person_id=row.id,
    )
