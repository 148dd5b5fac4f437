"""An employee's record: entity, leave, pay."""

from __future__ import annotations

import datetime as dt

import strawberry
from bawaba.graphql import (
    After,
    Connection,
    First,
    Info,
    LanguageArgument,
    Money,
    Node,
    computed,
    global_id,
    leaf,
)
from bawaba.paging import Page
from bawaba.text import Language, Text, both

from bawaba_civil_service.domain import MAX_LINES, Line
from bawaba_civil_service.graphql import loaders
from bawaba_civil_service.graphql.papers import CivilServiceCertificateRequest, file_url
from bawaba_civil_service.graphql.words import (
    CivilServiceLeaveKind,
    CivilServiceLeaveStatus,
    CivilServiceLeaveStepKind,
    CivilServiceLineKind,
)
from bawaba_civil_service.services import leaves, payslips, requests
from bawaba_civil_service.services import records as rows_of
from bawaba_civil_service.services.records import Row

RECORD, PAYSLIP, LEAVE = "CivilServiceRecord", "CivilServicePayslip", "CivilServiceLeave"
_STEPS = 20


@strawberry.type(description=both("A body that employs civil servants.", "جهة عمل."))
class CivilServiceEntity:
    """A ministry, or the like."""

    code: str = leaf("Stable code.", "رمز ثابت.")
    words: strawberry.Private[Text]

    @computed("Its name.", "اسمها.")
    def name(self, info: Info, language: LanguageArgument = None) -> str:
        """Return the name in the language asked for, or the request's."""
        return self.words.in_(language or info.context.language)


@strawberry.type(description=both("What is left of a kind of leave.", "رصيد نوع من الإجازات."))
class CivilServiceLeaveBalance:
    """Whole days, today."""

    kind: CivilServiceLeaveKind = leaf("The kind.", "النوع.")
    days_remaining: int = leaf(
        "The most working days that a leave from today on could have.",
        "أقصى عدد من أيام العمل لإجازة تبدأ اليوم.",
    )

    @classmethod
    def of(cls, balance: leaves.Balance) -> CivilServiceLeaveBalance:
        """Return the GraphQL object of a balance."""
        return cls(kind=balance.kind, days_remaining=balance.days_remaining)


@strawberry.type(description=both("A line of a leave's history.", "خطوة في سجل الإجازة."))
class CivilServiceLeaveStep:
    """What happened, and when."""

    step: CivilServiceLeaveStepKind = leaf("What happened.", "ما حدث.")
    days: int = leaf("The working days that it held then.", "أيام العمل المحسوبة حينها.")
    at: dt.datetime = leaf("When.", "وقتها.")

    @classmethod
    def of(cls, row: Row) -> CivilServiceLeaveStep:
        """Return the GraphQL object of a line."""
        return cls(step=CivilServiceLeaveStepKind(row["step"]), days=row["days"], at=row["at"])


@strawberry.type(description=both("A leave.", "إجازة."))
class CivilServiceLeave(Node):
    """Seen by its owner, and by who is over the entity."""

    kind: CivilServiceLeaveKind = leaf("Its kind.", "نوعها.")
    status: CivilServiceLeaveStatus = leaf("Where it stands.", "حالتها.")
    first_on: dt.date = leaf("Its first day.", "أول أيامها.")
    last_on: dt.date = leaf("Its last day.", "آخر أيامها.")
    days: int = leaf(
        "The working days drawn: no weekends, no holidays.",
        "أيام العمل المحسوبة دون العطل.",
    )
    reason: str = leaf("Why it was asked for.", "سبب الطلب.")
    requested_at: dt.datetime = leaf("When it was asked for.", "وقت الطلب.")
    decided_at: dt.datetime | None = leaf("When it was decided.", "وقت القرار.")
    decision: str | None = leaf("Why it was decided so.", "أسباب القرار.")
    row: strawberry.Private[Row]

    @computed("What happened to it, oldest first.", "ما جرى عليها، الأقدم أولاً.", bound=_STEPS)
    async def history(self, info: Info) -> list[CivilServiceLeaveStep]:
        """Return its lines."""
        found = await loaders.steps(info, self.row["id"])
        return [CivilServiceLeaveStep.of(row) for row in found[:_STEPS]]

    @computed("Whose it is.", "صاحبها.")
    async def employee(self, info: Info) -> CivilServiceRecord | None:
        """Return the employee's record."""
        row = await loaders.employee(info, self.row["employee_id"])
        return CivilServiceRecord.of(row) if row else None

    @classmethod
    def of(cls, row: Row) -> CivilServiceLeave:
        """Return the GraphQL object of a leave."""
        names = ("first_on", "last_on", "days", "reason", "requested_at", "decided_at", "decision")
        return cls(
            id=global_id(LEAVE, row["id"]),
            kind=CivilServiceLeaveKind(row["kind"]),
            status=CivilServiceLeaveStatus(row["status"]),
            row=row,
            **{name: row[name] for name in names},
        )


@strawberry.type(description=both("A line of a payslip.", "بند في قسيمة راتب."))
class CivilServicePayslipLine:
    """An amount, and what it is."""

    kind: CivilServiceLineKind = leaf("What it is.", "نوعه.")
    amount: Money = leaf("The amount; negative: taken off.", "المبلغ؛ والسالب مستقطع.")
    corrects_month: str | None = leaf(
        "Of a correction: the earlier month, YYYY-MM.", "للتصحيح: الشهر السابق بصيغة YYYY-MM."
    )
    line: strawberry.Private[Line]

    @computed("What it is called.", "تسميته.")
    def label(self, info: Info) -> str:
        """Return the label in the request's language."""
        return info.context.say(self.line.label)


@strawberry.type(description=both("A month's payslip.", "قسيمة راتب شهر."))
class CivilServicePayslip(Node):
    """Never changed; seen by its owner alone."""

    month: str = leaf("The month, YYYY-MM.", "الشهر بصيغة YYYY-MM.")
    net: Money = leaf("What was paid: the sum of the lines.", "الصافي: مجموع البنود.")
    issued_on: dt.date = leaf("When it was issued.", "تاريخ الإصدار.")
    verification_code: str = leaf(
        "The code by which anybody can verify it.", "الرمز الذي يتحقق به الجميع منها."
    )
    raw: strawberry.Private[str]

    @computed("Its lines; their sum is the net.", "بنودها ومجموعها الصافي.", bound=MAX_LINES)
    async def lines(self, info: Info) -> list[CivilServicePayslipLine]:
        """Return the lines, in order."""
        found = await loaders.lines(info, self.raw)
        return [_line(line) for line in found]

    @computed(
        "Where its owner gets it, with the bearer token; null until it is printed.",
        "عنوان تنزيلها لصاحبها مع رمز الدخول؛ وفارغ حتى تُطبع.",
    )
    async def pdf_url(self, info: Info, language: LanguageArgument = None) -> str | None:
        """Return the address of its print in the language asked for, or the request's."""
        found = await self._print(info, language)
        return file_url(found) if found else None

    @computed(
        "The file of that print, for createDownloadTicket; null until it is printed.",
        "ملف تلك النسخة، لاستخدامه في createDownloadTicket؛ وفارغ حتى تُطبع.",
    )
    async def pdf_id(self, info: Info, language: LanguageArgument = None) -> strawberry.ID | None:
        """Return the id of its print in the language asked for, or the request's."""
        found = await self._print(info, language)
        return global_id("Attachment", found) if found else None

    async def _print(self, info: Info, language: Language | None) -> str | None:
        wanted = language or info.context.language
        return (await loaders.prints(info, self.raw)).get(wanted.value)

    @classmethod
    def of(cls, row: Row) -> CivilServicePayslip:
        """Return the GraphQL object of a payslip."""
        return cls(
            id=global_id(PAYSLIP, row["id"]),
            month=row["month"],
            net=Money.of(row["net_fils"]),
            issued_on=row["issued_on"],
            verification_code=row["verification_code"],
            raw=row["id"],
        )


def _line(line: Line) -> CivilServicePayslipLine:
    return CivilServicePayslipLine(
        kind=line.kind, amount=Money.of(line.fils), corrects_month=line.corrects, line=line
    )


async def _requests(page: Page) -> Connection[CivilServiceCertificateRequest]:
    of = await loaders.service()
    shown = [CivilServiceCertificateRequest.of(row, of) for row in page.rows]
    connection: Connection[CivilServiceCertificateRequest] = Connection.over(
        shown, page.cursors, page
    )
    return connection


@strawberry.type(description=both("A civil servant's record.", "سجل موظف مدني."))
class CivilServiceRecord(Node):
    """Seen by its owner whole, and by who is over the entity without pay and certificates."""

    employee_number: str = leaf("The employee's number.", "الرقم الوظيفي.")
    entity: CivilServiceEntity = leaf("Where the employee serves.", "جهة العمل.")
    grade: str = leaf("The grade.", "الدرجة.")
    hired_on: dt.date = leaf("When the employee was hired.", "تاريخ التعيين.")
    left_on: dt.date | None = leaf("When the employee left.", "تاريخ انتهاء الخدمة.")
    row: strawberry.Private[Row]

    @computed("The employee's name.", "اسم الموظف.")
    def name(self, info: Info, language: LanguageArgument = None) -> str:
        """Return the name in the language asked for, or the request's."""
        return rows_of.words(self.row, "name").in_(language or info.context.language)

    @computed("What the employee does.", "الوظيفة.")
    def position(self, info: Info, language: LanguageArgument = None) -> str:
        """Return the position in the language asked for, or the request's."""
        return rows_of.words(self.row, "position").in_(language or info.context.language)

    @computed("What is left of each kind of leave.", "أرصدة الإجازات.", bound=3)
    async def leave_balances(self, info: Info) -> list[CivilServiceLeaveBalance]:
        """Return the balances today."""
        found = await loaders.balances(info, self.row)
        return [CivilServiceLeaveBalance.of(balance) for balance in found]

    @computed("Leaves, the latest first.", "الإجازات، الأحدث أولاً.")
    async def leaves(self, first: First, after: After = None) -> Connection[CivilServiceLeave]:
        """Return a page of the employee's leaves."""
        page = await leaves.of_employee(self.row["id"], first, after)
        connection: Connection[CivilServiceLeave] = Connection.of(page, CivilServiceLeave.of)
        return connection

    @computed(
        "Payslips, the latest first; null for everybody but the employee.",
        "قسائم الراتب، الأحدث أولاً؛ وفارغ لغير الموظف نفسه.",
    )
    async def payslips(
        self, info: Info, first: First, after: After = None
    ) -> Connection[CivilServicePayslip] | None:
        """Return a page of one's own payslips."""
        if not rows_of.is_own(info.context.viewer, self.row):
            return None
        page = await payslips.of_employee(self.row["id"], first, after)
        connection: Connection[CivilServicePayslip] = Connection.of(page, CivilServicePayslip.of)
        return connection

    @computed(
        "Requests for certificates, newest first; null for everybody but the employee.",
        "طلبات الشهادات، الأحدث أولاً؛ وفارغ لغير الموظف نفسه.",
    )
    async def certificate_requests(
        self, info: Info, first: First, after: After = None
    ) -> Connection[CivilServiceCertificateRequest] | None:
        """Return a page of one's own requests."""
        if not rows_of.is_own(info.context.viewer, self.row):
            return None
        return await _requests(await requests.of_employee(self.row["id"], first, after))

    @classmethod
    def of(cls, row: Row) -> CivilServiceRecord:
        """Return the GraphQL object of an employee."""
        return cls(
            id=global_id(RECORD, row["id"]),
            employee_number=row["employee_number"],
            entity=CivilServiceEntity(
                code=row["entity_id"], words=rows_of.words(row, "entity__name")
            ),
            grade=row["grade"],
            hired_on=row["hired_on"],
            left_on=row["left_on"],
            row=row,
        )
