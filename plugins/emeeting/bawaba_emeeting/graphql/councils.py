"""Councils and their members."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import strawberry
from bawaba import people
from bawaba.core_types import Device
from bawaba.graphql import (
    After,
    Connection,
    First,
    Info,
    Node,
    computed,
    global_id,
    leaf,
)
from bawaba.paging import Page
from bawaba.text import both

from bawaba_emeeting.domain import MeetingAdoptionStatus, MeetingRole
from bawaba_emeeting.graphql import loaders
from bawaba_emeeting.rules import regulations
from bawaba_emeeting.services import agendas, councils, regulating
from bawaba_emeeting.services.councils import Row
from bawaba_emeeting.services.offer import REGULATE

if TYPE_CHECKING:
    from bawaba_emeeting.graphql.meetings import Meeting


@strawberry.type(description=both("A member of a council.", "عضو في مجلس."))
class MeetingMember(Node):
    """A seat and who holds it."""

    display_name: str = leaf("The name to show.", "الاسم المعروض.")
    role: MeetingRole = leaf("The seat.", "الصفة.")
    voting_weight: int = leaf("Of one's vote; 0: none.", "وزن الصوت؛ وصفر لمن لا يصوت.")
    row: strawberry.Private[Row]

    @computed(
        "The person's id, for suspendAccount and meetingAppointOperator: for the member, for who"
        " manages their account (the council's operator) and who appoints operators; null else,"
        " and in subscriptions.",
        "معرّف الشخص، لتعليق حسابه أو تعيينه مشغلاً: للعضو ولمن يدير حسابه (مشغل المجلس) ولمن يعيّن"
        " المشغلين؛ وفارغ لغيرهم وفي الاشتراكات.",
    )
    async def person_id(self, info: Info) -> strawberry.ID | None:
        """Return the global id of who holds the seat."""
        person_id = self.row["person_id"]
        if await loaders.sees(info, person_id) or await _regulates(info, self.row["council_id"]):
            return global_id("Person", person_id)
        return None

    @computed(
        "Devices signed in, newest first: for the member and who manages their account (the"
        " council's operator); null else, and in subscriptions.",
        "الأجهزة المسجلة من الأحدث: للعضو ولمن يدير حسابه (مشغل المجلس)؛ وفارغة لغيرهما وفي"
        " الاشتراكات.",
    )
    async def devices(
        self, info: Info, first: First, after: After = None
    ) -> Connection[Device] | None:
        """Return a page of the member's devices."""
        viewer, person_id = info.context.viewer, self.row["person_id"]
        if not await loaders.sees(info, person_id):
            return None
        page = await people.devices(person_id, first, after)
        return Connection[Device].of(page, lambda row: Device.of(row, viewer))  # type: ignore[no-any-return]

    @classmethod
    def of(cls, row: Row, names: Mapping[str, str]) -> MeetingMember:
        """Return the GraphQL object of a member; ``names``: by member id."""
        votes = councils.seat_of(row).votes
        return cls(
            id=global_id("MeetingMember", row["id"]),
            display_name=names.get(row["id"], ""),
            role=MeetingRole(row["role"]),
            voting_weight=row["weight"] if votes else 0,
            row=row,
        )


async def _regulates(info: Info, council_id: str) -> bool:
    viewer = info.context.viewer
    if not viewer.can_anywhere(REGULATE):
        return False
    found = await loaders.council(info, council_id)
    return found is not None and viewer.can(REGULATE, found["code"])


async def named(info: Info, page: Page) -> Connection[MeetingMember]:
    """Return a page of members with their names."""
    names = await people.names([row["person_id"] for row in page.rows], info.context.language)
    nodes = [
        MeetingMember.of(row, {row["id"]: names.get(row["person_id"], "")}) for row in page.rows
    ]
    return Connection[MeetingMember].over(nodes, page.cursors, page)  # type: ignore[no-any-return]


@strawberry.type(description=both("A step of a council's adoption.", "خطوة في مراحل التطبيق."))
class MeetingAdoptionStep:
    """Written down once."""

    status: MeetingAdoptionStatus = leaf("What was reached.", "المرحلة.")
    reference: str = leaf("The paper that says so.", "مرجع القرار.")
    decided_at: dt.datetime = leaf("When it was decided.", "وقت القرار.")


@strawberry.type(
    description=both("How far a council has taken up e-Meeting.", "تطبيق الاجتماع الإلكتروني.")
)
class MeetingAdoption:
    """Until it is active its meetings are trials."""

    status: MeetingAdoptionStatus = leaf("How far.", "المرحلة.")
    decided_at: dt.datetime | None = leaf("When the last step was taken.", "وقت آخر خطوة.")
    is_trial: bool = leaf("Whether meetings are trials.", "هل الاجتماعات تجريبية.")
    steps: list[MeetingAdoptionStep] = leaf("All steps, in order.", "جميع الخطوات.", bound=5)
    council: strawberry.Private[Row]

    @computed("Who operates the meetings.", "مشغل الاجتماعات.")
    async def operator(self, info: Info) -> MeetingMember | None:
        """Return the appointed operator."""
        row = await regulating.operator_of(self.council["id"])
        if row is None:
            return None
        names = await people.names([row["person_id"]], info.context.language)
        return MeetingMember.of(row, {row["id"]: names.get(row["person_id"], "")})

    @classmethod
    def of(cls, council: Row, rows: Sequence[Row]) -> MeetingAdoption:
        """Return the GraphQL object of a council's steps."""
        steps = [
            MeetingAdoptionStep(
                status=MeetingAdoptionStatus(row["status"]),
                reference=row["reference"],
                decided_at=row["decided_at"],
            )
            for row in rows
        ]
        status = MeetingAdoptionStatus(council["adoption"])
        return cls(
            status=status,
            decided_at=steps[-1].decided_at if steps else None,
            is_trial=status is not MeetingAdoptionStatus.ACTIVE,
            steps=steps,
            council=council,
        )


@strawberry.type(description=both("A council or committee.", "مجلس أو لجنة."))
class MeetingCouncil(Node):
    """It meets, decides and keeps minutes."""

    code: str = leaf("Stable code.", "رمز ثابت.")
    seats: int = leaf("Its seats, vacant ones included.", "عدد المقاعد بما فيها الشاغرة.")
    row: strawberry.Private[Row]

    @computed("Its name.", "اسمه.")
    def name(self, info: Info) -> str:
        """Return the name in the request's language."""
        return councils.name_of(self.row, info.context.language)

    @computed("The rule of its quorum, in words.", "قاعدة النصاب.")
    async def quorum_rule(self, info: Info) -> str:
        """Return the rule in force now."""
        rules = await councils.rules_now(self.row["id"])
        return info.context.say(regulations.sentence(rules))

    @computed("How far it has taken up e-Meeting.", "مرحلة تطبيق الاجتماع الإلكتروني.")
    async def adoption(self) -> MeetingAdoption:
        """Return the way to e-Meeting."""
        return MeetingAdoption.of(self.row, await councils.adoption_steps(self.row["id"]))

    @computed("Its members, by seniority.", "أعضاؤه حسب الأقدمية.")
    async def members(
        self, info: Info, first: First, after: After = None
    ) -> Connection[MeetingMember]:
        """Return a page of those in office."""
        return await named(info, await agendas.members(self.row["id"], first, after))

    @computed("Its meetings that you may see, latest first.", "اجتماعاته المتاحة لك من الأحدث.")
    async def meetings(
        self, info: Info, first: First, after: After = None
    ) -> Connection[Annotated[Meeting, strawberry.lazy("bawaba_emeeting.graphql.meetings")]]:
        """Return a page of meetings."""
        from bawaba_emeeting.graphql.meetings import Meeting  # noqa: PLC0415  they name each other

        page = await agendas.meetings(info.context.viewer, self.row, first, after)
        nodes = [Meeting.of(row, self.row) for row in page.rows]
        return Connection[Meeting].over(nodes, page.cursors, page)  # type: ignore[no-any-return]

    @classmethod
    def of(cls, row: Row) -> MeetingCouncil:
        """Return the GraphQL object of a council."""
        return cls(
            id=global_id("MeetingCouncil", row["code"]),
            code=row["code"],
            seats=row["seats"],
            row=row,
        )
