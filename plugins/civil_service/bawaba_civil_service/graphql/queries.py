"""One's own record, the officers' desks, and public verification."""

from __future__ import annotations

from typing import Annotated, Any

import strawberry
from bawaba.graphql import PUBLIC, After, Connection, First, Info, argument, field

from bawaba_civil_service.graphql.papers import CivilServiceVerification
from bawaba_civil_service.graphql.records import CivilServiceLeave, CivilServiceRecord
from bawaba_civil_service.graphql.words import CivilServiceLeaveStatus
from bawaba_civil_service.services import leaves, records, verification
from bawaba_civil_service.services.offer import READ, USE

Code = Annotated[str, argument("The code, as it is printed.", "الرمز كما هو مطبوع.")]
Entity = Annotated[str, argument("The entity's code.", "رمز الجهة.")]
Status = Annotated[
    CivilServiceLeaveStatus | None,
    argument("In which state; by default REQUESTED.", "الحالة؛ والافتراضي REQUESTED."),
]


@strawberry.type
class CivilServicePersonFields:
    """Fields of Person; only one's own are shown."""

    @field(
        permission=USE,
        cost=3,
        en="Your civil service record; null for who is no civil servant, or somebody else.",
        ar="سجلك في الخدمة المدنية؛ وفارغ لمن ليس موظفاً مدنياً أو لشخص آخر.",
    )
    async def civil_service_record(self: Any, info: Info) -> CivilServiceRecord | None:
        """Return one's own record."""
        viewer = info.context.viewer
        row = await records.of_viewer(viewer) if self.person_id == viewer.person_id else None
        return CivilServiceRecord.of(row) if row else None


@strawberry.type
class CivilServiceQuery:
    """Roots under Query."""

    @field(
        permission=PUBLIC,
        cost=10,
        en="Whether a certificate or payslip with this code was issued and stands.",
        ar="التحقق من صدور شهادة أو قسيمة بهذا الرمز ومن سريانها.",
    )
    async def civil_service_verify_certificate(
        self, info: Info, code: Code
    ) -> CivilServiceVerification:
        """Look a code up; guesses are counted first."""
        guess = verification.subject_of(code)
        info.context.attempt(verification.ATTEMPT, guess, times=verification.TIMES)
        found = await verification.verify(code)
        return CivilServiceVerification.of(found, info.context.language)

    @field(
        permission=READ,
        cost=3,
        en="The records of an entity's employees, by number: the officers' desk.",
        ar="سجلات موظفي الجهة بحسب الرقم: مكتب شؤون الموظفين.",
    )
    async def civil_service_records(
        self, info: Info, entity: Entity, first: First, after: After = None
    ) -> Connection[CivilServiceRecord]:
        """Return a page of records."""
        page = await records.of_entity(info.context.viewer, entity, first, after)
        connection: Connection[CivilServiceRecord] = Connection.of(page, CivilServiceRecord.of)
        return connection

    @field(
        permission=READ,
        cost=3,
        en="An entity's leaves in a state, the oldest request first: the managers' desk.",
        ar="إجازات الجهة بحسب حالتها، الأقدم طلباً أولاً: مكتب المدير.",
    )
    async def civil_service_leaves(
        self,
        info: Info,
        entity: Entity,
        first: First,
        after: After = None,
        status: Status = None,
    ) -> Connection[CivilServiceLeave]:
        """Return a page of leaves."""
        wanted = status or CivilServiceLeaveStatus.REQUESTED
        page = await leaves.of_entity(info.context.viewer, entity, wanted, first, after)
        connection: Connection[CivilServiceLeave] = Connection.of(page, CivilServiceLeave.of)
        return connection
