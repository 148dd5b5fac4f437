"""The books in GraphQL: trial balance, account statements, journals, integrity."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import strawberry
from bawaba.graphql import (
    After,
    Connection,
    First,
    Info,
    LanguageArgument,
    Money,
    Node,
    argument,
    computed,
    field,
    global_id,
    leaf,
)
from bawaba.text import Text, both
from strawberry.dataloader import DataLoader

from bawaba_accounting import domain
from bawaba_accounting.graphql.words import AccountKind, Side
from bawaba_accounting.rules import books
from bawaba_accounting.services import statements, verify

__all__ = ["BooksQueries", "entry_nodes", "journal_nodes"]

READ = "accounting.read"
_FROM = strawberry.argument(
    name="from", description=both("The first local day of booking.", "أول يوم تسجيل.")
)
_TO = strawberry.argument(
    name="to", description=both("The last local day of booking.", "آخر يوم تسجيل.")
)


@strawberry.type(description=both("The payment behind a journal.", "عملية الدفع وراء القيد."))
class AccountingPaymentLink(Node):
    """A payment by its id alone, which is that of the type `Payment`."""


@strawberry.type(
    description=both("A balanced set of postings, never changed.", "قيد متوازن لا يتغير أبداً.")
)
class AccountingJournal(Node):
    """A journal of the books."""

    number: int = leaf(
        "Its gapless place in the chain, from 1.", "موضعه المتسلسل في السلسلة بلا فجوات."
    )
    reference: str = leaf("Unique for ever.", "مرجع فريد دائماً.")
    kind: str = leaf("A word for filtering, e.g. SETTLEMENT.", "كلمة للتصنيف، مثل SETTLEMENT.")
    effective_on: dt.date = leaf("The local day the money moved.", "يوم انتقال المال.")
    booked_at: dt.datetime = leaf("When it was recorded.", "وقت التسجيل.")
    hash: str = leaf(
        "SHA-256 over every column and the hash before.",
        "بصمة SHA-256 لكل الأعمدة وللبصمة السابقة.",
    )
    payment: AccountingPaymentLink | None = leaf(
        "The payment it settles or refunds.", "عملية الدفع التي يسوّيها أو يردها."
    )
    words: strawberry.Private[Text]
    reverses_id: strawberry.Private[str | None]

    @computed("What it is about.", "موضوع القيد.")
    def description(self, info: Info, language: LanguageArgument = None) -> str:
        """Return the description in the language asked for, or the request's."""
        return self.words.in_(language or info.context.language)

    @computed("The journal that it undoes, wholly or in part.", "القيد الذي يعكسه كلياً أو جزئياً.")
    async def reverses(self, info: Info) -> AccountingJournal | None:
        """Load it with all others of the level."""
        return await _by_id(info).load(self.reverses_id) if self.reverses_id else None

    @computed("Its postings.", "سطور القيد.")
    async def entries(self, first: First, after: After = None) -> Connection[AccountingEntry]:
        """Return a page of its postings."""
        page = await statements.entries_of(self.number, first=first, after=after)
        kinds = await statements.kinds_of([row["account"] for row in page.rows])
        shown: Connection[AccountingEntry] = Connection.of(
            page, lambda row: AccountingEntry.of(row, kinds[row["account"]], self)
        )
        return shown

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> AccountingJournal:
        """Return the GraphQL object of a row."""
        payment = row["payment_id"]
        return cls(
            id=global_id("AccountingJournal", row["id"]),
            number=row["number"],
            reference=row["reference"],
            kind=row["kind"],
            effective_on=row["effective_on"],
            booked_at=row["booked_at"],
            hash=row["hash"],
            payment=AccountingPaymentLink(id=global_id("Payment", payment)) if payment else None,
            words=Text(row["description_en"], row["description_ar"]),
            reverses_id=row["reverses_id"],
        )


@strawberry.type(
    description=both("A posting, as its account sees it.", "سطر قيد كما يظهر في الحساب.")
)
class AccountingEntry(Node):
    """A posting of an account."""

    account: str = leaf("Code of the account.", "رمز الحساب.")
    journal: AccountingJournal = leaf("The journal it is part of.", "القيد الذي ينتمي إليه.")
    side: Side = leaf("The side it is on.", "جانبه.")
    amount: Money = leaf("What it moves.", "مبلغه.")
    balance_after: Money = leaf("The account's balance after it.", "رصيد الحساب بعده.")

    @classmethod
    def of(
        cls, row: Mapping[str, Any], kind: AccountKind, journal: AccountingJournal
    ) -> AccountingEntry:
        """Return the GraphQL object of a row."""
        balance = books.balance(kind, row["debits_after"], row["credits_after"])
        return cls(
            id=global_id("AccountingEntry", str(row["position"])),
            account=row["account"],
            journal=journal,
            side=Side(row["side"]),
            amount=Money.of(row["fils"]),
            balance_after=Money.of(balance),
        )


@strawberry.type(description=both("An account of the books.", "حساب في الدفاتر."))
class AccountingAccount:
    """An account with the totals of its sides."""

    code: str = leaf("Its dotted code.", "رمزه المنقّط.")
    kind: AccountKind = leaf("What it is.", "نوعه.")
    debits: Money = leaf("Everything debited.", "مجموع المدين.")
    credits: Money = leaf("Everything credited.", "مجموع الدائن.")
    balance: Money = leaf(
        "Positive on the side on which it grows.", "موجب في الجانب الذي ينمو فيه الحساب."
    )
    line: strawberry.Private[domain.AccountLine]

    @computed("Its name.", "اسمه.")
    def name(self, info: Info, language: LanguageArgument = None) -> str:
        """Return the name in the language asked for, or the request's."""
        return self.line.name.in_(language or info.context.language)

    @computed(
        "The balance before anything was booked on a local day; null: before the first entry.",
        "الرصيد قبل أي تسجيل في ذلك اليوم؛ وعند null قبل أول سطر.",
    )
    async def opening_balance(
        self,
        at: Annotated[dt.date | None, argument("The local day.", "اليوم.")] = None,
    ) -> Money:
        """Read it off the last posting before."""
        return Money.of(await statements.opening_balance(self.line, at))

    @computed("Its postings, in the order of booking.", "سطوره بترتيب التسجيل.")
    async def entries(
        self,
        first: First,
        since: Annotated[dt.date | None, _FROM] = None,
        until: Annotated[dt.date | None, _TO] = None,
        after: After = None,
    ) -> Connection[AccountingEntry]:
        """Return a page of its postings."""
        return await _statement(self.line, since, until, first, after)

    @classmethod
    def of(cls, line: domain.AccountLine) -> AccountingAccount:
        """Return the GraphQL object of an account."""
        return cls(
            code=line.code,
            kind=line.kind,
            debits=Money.of(line.debits),
            credits=Money.of(line.credits),
            balance=Money.of(books.balance(line.kind, line.debits, line.credits)),
            line=line,
        )


@strawberry.type(description=both("Every account at one instant.", "كل الحسابات في لحظة واحدة."))
class AccountingTrialBalance:
    """The trial balance."""

    at: dt.datetime = leaf("The instant, by booking time.", "اللحظة بحسب وقت التسجيل.")
    is_balanced: bool = leaf("Whether both sides are equal.", "هل يتساوى الجانبان.")
    debits: Money = leaf("Everything debited.", "مجموع المدين.")
    credits: Money = leaf("Everything credited.", "مجموع الدائن.")
    accounts: list[AccountingAccount] = leaf(
        "The accounts, by code; 1,000 at most.",
        "الحسابات مرتبة بالرمز؛ 1000 على الأكثر.",
        bound=1000,
    )

    @classmethod
    def of(cls, found: domain.TrialBalance) -> AccountingTrialBalance:
        """Return the GraphQL object of a trial balance."""
        return cls(
            at=found.at,
            is_balanced=found.debits == found.credits,
            debits=Money.of(found.debits),
            credits=Money.of(found.credits),
            accounts=[AccountingAccount.of(line) for line in found.lines],
        )


@strawberry.type(
    description=both("The last finished check of the books.", "آخر فحص مكتمل للدفاتر.")
)
class AccountingIntegrity:
    """What the checking job found."""

    journals_checked: int = leaf("How many journals were checked.", "عدد القيود المفحوصة.")
    head_hash: str = leaf("Hash of the newest of them.", "بصمة أحدثها.")
    is_intact: bool | None = leaf(
        "Whether nothing is wrong; null before the first check.",
        "هل الدفاتر سليمة؛ وقيمته null قبل أول فحص.",
    )
    first_broken_number: int | None = leaf(
        "Number of the first broken journal, also where its row is gone.",
        "رقم أول قيد معطوب، حتى لو فُقد سجله.",
    )
    first_broken_journal: AccountingJournal | None = leaf(
        "The first broken journal, if its row still stands.", "أول قيد معطوب، إن بقي سجله."
    )
    checked_at: dt.datetime | None = leaf(
        "When the check finished; null before the first.",
        "وقت اكتمال الفحص؛ وقيمته null قبل أول فحص.",
    )
    words: strawberry.Private[Text | None]

    @computed("What is wrong, in a sentence.", "وصف الخلل في جملة.")
    def problem(self, info: Info, language: LanguageArgument = None) -> str | None:
        """Return the finding in the language asked for, or the request's."""
        return self.words.in_(language or info.context.language) if self.words else None


@strawberry.type
class BooksQueries:
    """The books as fields of Query."""

    @field(
        permission=READ,
        cost=50,
        en="Every account's totals, now or at any past instant of booking.",
        ar="مجاميع كل الحسابات الآن أو في أي لحظة تسجيل سابقة.",
    )
    async def accounting_trial_balance(
        self,
        at: Annotated[
            dt.datetime | None, argument("The instant; null: now.", "اللحظة؛ null: الآن.")
        ] = None,
    ) -> AccountingTrialBalance:
        """Add the accounts up."""
        return AccountingTrialBalance.of(await statements.trial_balance(at))

    @field(permission=READ, en="An account, by its code.", ar="حساب بحسب رمزه.")
    async def accounting_account(
        self, code: Annotated[str, argument("Its dotted code.", "رمزه المنقّط.")]
    ) -> AccountingAccount | None:
        """Find the account."""
        line = await statements.account(code)
        return AccountingAccount.of(line) if line else None

    @field(
        permission=READ,
        en="The last finished check of the chain, its balances and its statistics.",
        ar="آخر فحص مكتمل للسلسلة وأرصدتها وإحصاءاتها.",
    )
    async def accounting_integrity(self) -> AccountingIntegrity:
        """Read what the checking job kept."""
        return await _integrity()


async def _statement(
    line: domain.AccountLine,
    since: dt.date | None,
    until: dt.date | None,
    first: int,
    after: str | None,
) -> Connection[AccountingEntry]:
    page = await statements.entries(line.code, since, until, first=first, after=after)
    found = await statements.journals_by_number([row["number"] for row in page.rows])
    journals = {number: AccountingJournal.of(row) for number, row in found.items()}
    shown: Connection[AccountingEntry] = Connection.of(
        page, lambda row: AccountingEntry.of(row, line.kind, journals[row["number"]])
    )
    return shown


async def _integrity() -> AccountingIntegrity:
    run = await verify.last_run()
    if run is None:
        return AccountingIntegrity(
            journals_checked=0,
            head_hash=domain.GENESIS,
            is_intact=None,
            first_broken_number=None,
            first_broken_journal=None,
            checked_at=None,
            words=None,
        )
    broken = run["fault_journal_id"]
    rows = await statements.journals_by_id([broken]) if broken else {}
    return AccountingIntegrity(
        journals_checked=run["checked"],
        head_hash=run["head_hash"],
        is_intact=run["is_intact"],
        first_broken_number=run["fault_number"],
        first_broken_journal=AccountingJournal.of(rows[broken]) if broken in rows else None,
        checked_at=run["checked_at"],
        words=Text(run["fault_en"], run["fault_ar"]) if run["fault_en"] else None,
    )


def _by_id(info: Info) -> DataLoader[str, AccountingJournal | None]:
    async def load(ids: Sequence[str]) -> list[AccountingJournal | None]:
        rows = await statements.journals_by_id(ids)
        return [AccountingJournal.of(rows[key]) if key in rows else None for key in ids]

    found: DataLoader[str, AccountingJournal | None] = info.context.cache.setdefault(
        AccountingJournal, DataLoader(load_fn=load)
    )
    return found


async def journal_nodes(info: Info, ids: Sequence[str]) -> Mapping[str, AccountingJournal]:
    """Return the journals with these raw ids, to who may read the books."""
    if not info.context.viewer.can_anywhere(READ):
        return {}
    rows = await statements.journals_by_id(ids)
    return {key: AccountingJournal.of(row) for key, row in rows.items()}


async def entry_nodes(info: Info, ids: Sequence[str]) -> Mapping[str, AccountingEntry]:
    """Return the postings with these raw ids, to who may read the books."""
    if not info.context.viewer.can_anywhere(READ):
        return {}
    positions = [int(key) for key in ids if key.isdecimal() and len(key) < 19]  # noqa: PLR2004  bigint
    rows = await statements.postings_by_position(positions)
    found = await statements.journals_by_number([row["number"] for row, _ in rows.values()])
    return {
        str(at): AccountingEntry.of(row, kind, AccountingJournal.of(found[row["number"]]))
        for at, (row, kind) in rows.items()
    }
