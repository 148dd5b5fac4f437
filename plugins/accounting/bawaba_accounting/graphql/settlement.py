"""Settlement in GraphQL: reconciliation of a day, the queue of differences, files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import strawberry
from bawaba import people
from bawaba.graphql import (
    After,
    Connection,
    First,
    Info,
    Money,
    Node,
    UserError,
    argument,
    computed,
    field,
    global_id,
    leaf,
    raw_id,
)
from bawaba.plugin import NodeType
from bawaba.text import both
from strawberry.dataloader import DataLoader

from bawaba_accounting.domain.settlement import MAX_DIFFERENCES
from bawaba_accounting.graphql.books import READ, AccountingPaymentLink
from bawaba_accounting.graphql.treasury_words import (
    DifferenceKind,
    DifferenceStatus,
    FileStatus,
    ReconciliationStatus,
    ResolutionStatus,
)
from bawaba_accounting.services import resolving
from bawaba_accounting.services import settlement_desk as desk

__all__ = [
    "NODES",
    "AccountingDifference",
    "AccountingPersonLink",
    "AccountingResolution",
    "SettlementMutations",
    "SettlementQueries",
]

_GATEWAY = argument("Name of the gateway.", "اسم بوابة الدفع.")
Gateway = Annotated[str | None, argument("Only of this gateway.", "لهذه البوابة فقط.")]


@strawberry.type(description=both("Who did something in the treasury.", "من قام بالإجراء."))
class AccountingPersonLink(Node):
    """A person by name; the id is that of the type `Person`, which not every officer may see."""

    person: strawberry.Private[str]

    @computed("Their name; null where the account is gone.", "اسمه؛ وفارغ إن لم يعد حسابه موجوداً.")
    async def display_name(self, info: Info) -> str | None:
        """Load the name with those of the page's other people."""
        return await _names(info).load(self.person)

    @classmethod
    def of(cls, person: str | None) -> AccountingPersonLink | None:
        """Return the link of a person, if there is one."""
        return cls(id=global_id("Person", person), person=person) if person else None


def _names(info: Info) -> DataLoader[str, str | None]:
    async def load(ids: list[str]) -> list[str | None]:
        found = await people.names(ids, info.context.language)
        return [found.get(person) for person in ids]

    loader: DataLoader[str, str | None] = info.context.cache.setdefault(
        AccountingPersonLink, DataLoader(load_fn=load)
    )
    return loader


@strawberry.type(
    description=both("Something on which gateway and books differ.", "فرق بين البوابة والدفاتر.")
)
class AccountingDifference(Node):
    """A difference. Amounts are signed: what the gateway gave back is negative."""

    kind: DifferenceKind = leaf("What kind of difference.", "نوع الفرق.")
    status: DifferenceStatus = leaf("Where it stands.", "حالته.")
    gateway: str = leaf("Name of the gateway.", "اسم بوابة الدفع.")
    settled_on: dt.date = leaf("The gateway's day it belongs to.", "يوم التسوية الذي يخصه.")
    gateway_reference: str = leaf(
        "The gateway's reference of the payment or payout.", "مرجع البوابة للدفعة."
    )
    payment: AccountingPaymentLink | None = leaf(
        "The payment, as far as gateway or books name one.", "عملية الدفع إن عُرفت."
    )
    expected: Money = leaf("What the books say.", "ما تقوله الدفاتر.")
    actual: Money = leaf("What the gateway says.", "ما تقوله البوابة.")
    found_at: dt.datetime = leaf("When it was found.", "وقت اكتشافه.")
    ended_at: dt.datetime | None = leaf("When it was settled.", "وقت انتهائه.")
    resolved_by: AccountingPersonLink | None = leaf("Who resolved it.", "من سوّاه.")
    account: str | None = leaf("The account it was resolved against.", "الحساب الذي سُوّي عليه.")
    reason: str | None = leaf("Why so.", "سبب التسوية.")

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> AccountingDifference:
        """Return the GraphQL object of a row."""
        payment = row["payment_id"]
        return cls(
            id=global_id("AccountingDifference", row["id"]),
            kind=DifferenceKind(row["kind"]),
            status=DifferenceStatus(row["status"]),
            gateway=row["gateway"],
            settled_on=row["settled_on"],
            gateway_reference=row["gateway_reference"],
            payment=AccountingPaymentLink(id=global_id("Payment", payment)) if payment else None,
            expected=Money.of(row["expected"]),
            actual=Money.of(row["actual"]),
            found_at=row["found_at"],
            ended_at=row["ended_at"],
            resolved_by=AccountingPersonLink.of(row["resolved_by"]),
            account=row["account"],
            reason=row["reason"],
        )


@strawberry.type(
    description=both("What a person asked to be done about a difference.", "طلب تسوية فرق.")
)
class AccountingResolution(Node):
    """A resolution: booked within the limit, else decided by a second person."""

    difference: AccountingDifference = leaf("The difference.", "الفرق.")
    status: ResolutionStatus = leaf("How far it has come.", "حالتها.")
    amount: Money = leaf("How much it moves, above zero.", "مبلغها، أكبر من صفر.")
    account: str = leaf("The account that takes the amount.", "الحساب الذي يتحمل المبلغ.")
    reason: str = leaf("Why so.", "سببها.")
    requested_by: AccountingPersonLink | None = leaf("Who asked for it.", "من طلبها.")
    requested_at: dt.datetime = leaf("When it was asked for.", "وقت طلبها.")
    decided_by: AccountingPersonLink | None = leaf(
        "The second person; null while it waits, and where none was needed.",
        "الشخص الثاني؛ وقيمة فارغة ما دامت معلقة أو إن لم تستلزمه.",
    )
    decided_at: dt.datetime | None = leaf("When that was.", "وقت القرار.")
    failure: str | None = leaf("Why it was declined.", "سبب الرفض.")

    @classmethod
    def of(cls, row: Mapping[str, Any], difference: Mapping[str, Any]) -> AccountingResolution:
        """Return the GraphQL object of a row and that of its difference."""
        names = ("account", "reason", "requested_at", "decided_at", "failure")
        return cls(
            id=global_id("AccountingResolution", row["id"]),
            difference=AccountingDifference.of(difference),
            status=ResolutionStatus(row["status"]),
            amount=Money.of(row["fils"]),
            requested_by=AccountingPersonLink.of(row["requested_by"]),
            decided_by=AccountingPersonLink.of(row["decided_by"]),
            **{name: row[name] for name in names},
        )


@strawberry.type(
    description=both("One gateway's day against the books.", "مطابقة يوم واحد لبوابة مع الدفاتر.")
)
class AccountingReconciliation:
    """The reconciliation of a day."""

    status: ReconciliationStatus = leaf("Where it stands.", "حالتها.")
    is_provisional: bool = leaf(
        "Whether the gateway's day was not over when its file was taken in: it can still grow.",
        "هل أُخذ الملف قبل انتهاء يوم البوابة فقد يزيد.",
    )
    matched_count: int = leaf("Lines that agree.", "عدد السطور المتطابقة.")
    matched_amount: Money = leaf(
        "Their sum, refunds taken off.", "مجموعها بعد خصم المبالغ المستردة."
    )
    difference_count: int = leaf("Differences, open or resolved.", "عدد الفروق القائمة والمسوّاة.")
    differences: list[AccountingDifference] = leaf(
        "The differences, open ones first; 100 at most, `accountingDifferences` has them all.",
        "الفروق، القائمة أولاً؛ 100 على الأكثر، وكلها في `accountingDifferences`.",
        bound=MAX_DIFFERENCES,
    )


@strawberry.type(description=both("A gateway's settlement file.", "ملف تسوية من بوابة دفع."))
class AccountingSettlementFile(Node):
    """A file as it was taken in."""

    gateway: str = leaf("Name of the gateway.", "اسم بوابة الدفع.")
    reference: str = leaf("The gateway's reference of it.", "مرجعه لدى البوابة.")
    revision: int = leaf("Which version of it, from 1.", "رقم نسخته ابتداءً من 1.")
    settled_on: dt.date = leaf("The gateway's day.", "يوم التسوية.")
    sha256: str = leaf("Its SHA-256, in hexadecimal.", "بصمته SHA-256.")
    status: FileStatus = leaf("Whether it counts.", "هل هو معتمد.")
    is_provisional: bool = leaf(
        "Whether it came before the gateway's day was over: the day's own file takes its place.",
        "هل وصل قبل انتهاء يوم البوابة، فيحل محله ملف اليوم الكامل.",
    )
    lines: int = leaf("How many lines it has.", "عدد سطوره.")
    amount: Money = leaf("The sum of its lines.", "مجموع سطوره.")
    fees: Money = leaf("The sum of its fees.", "مجموع رسومه.")
    imported_at: dt.datetime = leaf("When it was taken in.", "وقت استيراده.")

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> AccountingSettlementFile:
        """Return the GraphQL object of a row."""
        names = ("gateway", "reference", "revision", "settled_on", "sha256", "lines", "imported_at")
        return cls(
            id=global_id("AccountingSettlementFile", row["id"]),
            status=FileStatus(row["status"]),
            is_provisional=row["provisional"],
            amount=Money.of(row["fils"]),
            fees=Money.of(row["fees"]),
            **{name: row[name] for name in names},
        )


@strawberry.type
class SettlementQueries:
    """Settlement as fields of Query."""

    @field(
        permission=READ,
        cost=5,
        en="How a gateway's day agrees with the books; null where no file of that day is there.",
        ar="مطابقة يوم تسوية لبوابة مع الدفاتر؛ وقيمة فارغة إن لم يصل ملف ذلك اليوم.",
    )
    async def accounting_reconciliation(
        self,
        gateway: Annotated[str, _GATEWAY],
        settled_on: Annotated[dt.date, argument("The gateway's day.", "يوم التسوية.")],
    ) -> AccountingReconciliation | None:
        """Read what the reconciler kept."""
        return await _reconciliation(gateway, settled_on)

    @field(
        permission=READ,
        cost=2,
        en="Differences of all gateways and days, oldest first: the treasurer's queue.",
        ar="فروق كل البوابات والأيام، الأقدم أولاً: قائمة عمل أمين الخزينة.",
    )
    async def accounting_differences(
        self,
        first: First,
        after: After = None,
        status: Annotated[
            DifferenceStatus | None,
            argument(
                "Only in this state; by default open ones.", "حسب الحالة؛ والافتراضي القائمة."
            ),
        ] = None,
        gateway: Gateway = None,
    ) -> Connection[AccountingDifference]:
        """Return a page of differences."""
        wanted = status or DifferenceStatus.OPEN
        page = await desk.difference_page(wanted, gateway, first, after)
        shown: Connection[AccountingDifference] = Connection.of(page, AccountingDifference.of)
        return shown

    @field(
        permission=READ,
        cost=2,
        en="Settlement files, newest day first.",
        ar="ملفات التسوية، الأحدث أولاً.",
    )
    async def accounting_settlement_files(
        self, first: First, after: After = None, gateway: Gateway = None
    ) -> Connection[AccountingSettlementFile]:
        """Return a page of files."""
        page = await desk.file_page(gateway, first, after)
        shown: Connection[AccountingSettlementFile] = Connection.of(
            page, AccountingSettlementFile.of
        )
        return shown


@strawberry.input(description=both("How to resolve a difference.", "كيفية تسوية فرق."))
class AccountingResolveDifferenceInput:
    """Who resolves it says against which account, and why."""

    difference_id: strawberry.ID = leaf("The difference.", "الفرق.")
    account: str = leaf(
        "Code of the account that takes the amount, e.g. treasury.write_off.",
        "رمز الحساب الذي يتحمل المبلغ، مثل treasury.write_off.",
    )
    reason: str = leaf("Why, 1 to 500 characters.", "السبب، من 1 إلى 500 حرف.")
    idempotency_key: str = leaf(
        "A fresh random key for each attempt that is meant anew.",
        "مفتاح عشوائي جديد لكل محاولة مستقلة.",
    )


@strawberry.type(description=both("What became of the difference.", "نتيجة تسوية الفرق."))
class AccountingResolveDifferencePayload:
    """The difference with what was asked, or why it was not resolved."""

    difference: AccountingDifference | None = leaf(
        "The difference; null when refused. It stays open while a second person is awaited.",
        "الفرق؛ وقيمة فارغة عند الرفض. ويبقى قائماً ما دام بانتظار شخص ثانٍ.",
        default=None,
    )
    resolution: AccountingResolution | None = leaf(
        "What was asked; null when refused.", "طلب التسوية؛ وقيمة فارغة عند الرفض.", default=None
    )
    errors: list[UserError] = leaf("Why it was refused.", "أسباب الرفض.")


@strawberry.type
class SettlementMutations:
    """Settlement as fields of Mutation."""

    @field(
        permission="accounting.reconcile",
        effect="money",
        cost=10,
        en="Resolve a difference: one journal against the named account. Over the limit, counting "
        "what the same person resolved that day, it waits for a second person.",
        ar="تسوية فرق: قيد واحد على الحساب المذكور. وما تجاوز الحد، مع ما سواه الشخص نفسه في اليوم،"
        " ينتظر شخصاً ثانياً.",
    )
    async def accounting_resolve_difference(
        self,
        info: Info,
        input: Annotated[AccountingResolveDifferenceInput, argument("What to do.", "المطلوب.")],
    ) -> AccountingResolveDifferencePayload:
        """Resolve it, once."""
        raw = raw_id(input.difference_id, "AccountingDifference", "differenceId")
        viewer, key = info.context.viewer, input.idempotency_key
        await resolving.resolve(viewer, raw, input.account, input.reason, key)
        return await _resolved(raw)


async def _resolved(raw: str) -> AccountingResolveDifferencePayload:
    [row], asked = await desk.differences_by_id([raw]), await desk.latest_resolution(raw)
    return AccountingResolveDifferencePayload(
        difference=AccountingDifference.of(row),
        resolution=AccountingResolution.of(asked, row) if asked else None,
        errors=[],
    )


async def _reconciliation(gateway: str, settled_on: dt.date) -> AccountingReconciliation | None:
    found = await desk.reconciliation(gateway, settled_on)
    if found is None:
        return None
    return AccountingReconciliation(
        status=found.status,
        is_provisional=found.is_provisional,
        matched_count=found.matched,
        matched_amount=Money.of(found.fils),
        difference_count=found.count,
        differences=[AccountingDifference.of(row) for row in found.differences],
    )


async def _differences(info: Info, ids: Sequence[str]) -> Mapping[str, Any]:
    if not info.context.viewer.can_anywhere(READ):
        return {}
    rows = await desk.differences_by_id(ids)
    return {row["id"]: AccountingDifference.of(row) for row in rows}


async def _files(info: Info, ids: Sequence[str]) -> Mapping[str, Any]:
    if not info.context.viewer.can_anywhere(READ):
        return {}
    return {row["id"]: AccountingSettlementFile.of(row) for row in await desk.files_by_id(ids)}


NODES = (
    NodeType("AccountingDifference", _differences),
    NodeType("AccountingSettlementFile", _files),
)
"""How ``node(id)`` finds differences and files."""
