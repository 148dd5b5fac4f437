"""Accounts: ask the authority, keep a mirror, show the mirror to whom it may be shown."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any

import orjson
import structlog
from bawaba import db, runtime
from bawaba.correspondence import Letter
from bawaba.errors import AgencyUnavailable, NotFound, Unavailable
from bawaba.paging import Page, keyset_page
from bawaba.text import Text
from bawaba.viewer import Viewer
from tortoise.queryset import QuerySet

from bawaba_payments_ewa import gateway
from bawaba_payments_ewa.domain import (
    AGENCY,
    DUNNING,
    MAX_ACCOUNTS,
    PLAN,
    AccountRecord,
    Counter,
    EwaDunningStatus,
    EwaPlanKind,
    EwaReceiptKind,
    EwaUpdateKind,
    Reading,
)
from bawaba_payments_ewa.gateway import wire
from bawaba_payments_ewa.models import EwaAccount, EwaBill, EwaLink, EwaReceipt
from bawaba_payments_ewa.refusals import EwaNotYourAccount
from bawaba_payments_ewa.services.book import Book

log = structlog.get_logger(__name__)
Row = Mapping[str, Any]
_DOWN = Text(
    "The Electricity and Water Authority does not answer; try again later.",
    "نظام هيئة الكهرباء والماء لا يستجيب حالياً؛ حاول لاحقاً.",
)
_UNHEARD = ""


async def look_up(number: str, national_id: str) -> Row | None:
    """Return the account of this number and owner; a wrong pair is None.

    Raises:
        Unavailable: the authority does not answer.
    """
    wanted = (number.strip().upper(), national_id.strip())
    record = await answered(lambda register: register.account(*wanted))
    if record is None or (record.number, record.owner_national_id) != wanted:
        return None
    await refresh([record])
    rows = await EwaAccount.filter(number=record.number).values()
    return rows[0] if rows else None


async def answered(question: Callable[[gateway.Register], Awaitable[Any]]) -> Any:
    """Ask the authority for somebody who waits.

    Raises:
        Unavailable: it does not answer.
    """
    try:
        return await gateway.ask(question)
    except AgencyUnavailable as error:
        raise Unavailable(_DOWN) from error


async def refresh_of(viewer: Viewer) -> Sequence[str]:
    """Ask for all accounts that a person owns or follows; return their ids, by number.

    Raises:
        AgencyUnavailable: the authority did not answer.
    """
    number = viewer.national_id
    followed = await EwaLink.filter(person_id=viewer.person()).values_list(
        "account__number", "account__owner_national_id"
    )
    numbers = sorted(str(each) for each, owner in followed if owner != number)[:MAX_ACCOUNTS]
    if number is not None:
        await refresh(await gateway.ask(lambda register: register.of_person(number)))
        await _follow_own(viewer)
    if numbers:
        await refresh(await gateway.ask(lambda register: register.find(numbers)))
    return await of_viewer(viewer)


async def try_refresh(viewer: Viewer) -> None:
    """As :func:`refresh_of`, but an authority that is silent leaves the mirror as it is."""
    try:
        await refresh_of(viewer)
    except AgencyUnavailable as error:
        log.info("accounts are shown from the mirror", reason=str(error))


async def of_viewer(viewer: Viewer) -> Sequence[str]:
    """Return the ids of the accounts that a person follows, at most 50, by number. Asks nobody."""
    links = EwaLink.filter(person_id=viewer.person()).order_by("account__number")
    return [
        str(id_) for id_ in await links.limit(MAX_ACCOUNTS).values_list("account_id", flat=True)
    ]


async def _follow_own(viewer: Viewer) -> None:
    """Link a person to the accounts in their name, so that notices reach them."""
    own = EwaAccount.filter(owner_national_id=viewer.national_id)
    known = EwaLink.filter(person_id=viewer.person())
    missing = set(await own.values_list("id", flat=True)) - set(
        await known.values_list("account_id", flat=True)
    )
    if missing:
        async with db.transaction():
            await follow(viewer.person(), sorted(map(str, missing))[:MAX_ACCOUNTS])


async def follow(person_id: str, account_ids: Iterable[str]) -> None:
    """Link a person to accounts, in the current transaction; links that exist stay."""
    at = runtime.now()
    rows = [
        EwaLink(id=runtime.new_id(), account_id=id_, person_id=person_id, linked_at=at)
        for id_ in account_ids
    ]
    await EwaLink.bulk_create(rows, ignore_conflicts=True)


async def refresh(records: Sequence[AccountRecord]) -> None:
    """Take the authority's word into the mirror; what brings no news is one read."""
    told = {record.number: _hash(record) for record in records}
    known = dict(
        await EwaAccount.filter(number__in=list(told)).values_list("number", "told") if told else []
    )
    for record in sorted(records, key=lambda each: each.number):
        if known.get(record.number) != told[record.number]:
            await db.retrying(lambda record=record: _store(record))  # type: ignore[misc]


async def take_letter(letter: Letter) -> Mapping[str, Any]:
    """Take new bills, payments elsewhere and withdrawals that the authority sends.

    As many accounts as a letter holds: what has a receipt must not be dropped in silence.
    """
    records = [wire.read_account(body) for body in letter.body["accounts"]]
    async with db.transaction():
        refused = [
            reference
            for record in sorted(records, key=lambda each: each.number)
            for reference in await _store(record, whole=False)
        ]
    return {"taken": len(records), "refused": refused}


def _hash(record: AccountRecord) -> str:
    return hashlib.sha256(orjson.dumps(wire.write_account(record))).hexdigest()


async def _store(record: AccountRecord, *, whole: bool = True) -> Sequence[str]:
    """Take one account's news in one transaction; return the bills that could not be taken."""
    async with db.transaction():
        await _ensure(record)
        account = await db.locked(EwaAccount.filter(number=record.number)).get()
        first = account.told == _UNHEARD
        book = await Book.of(account)
        refused = await _take(book, record, first=first)
        if first and record.stage is not None and book.open_charges():
            account.dunning, account.dunning_step_on = record.stage.value, record.stage_on
            account.dunning_round = 1
            account.dunning_since = min(charge.issued_on for charge in book.open_charges())
        facts = _facts(record)
        if account.owner_national_id != record.owner_national_id:
            # Whoever followed it knew the numbers of the owner before.
            await EwaLink.filter(account_id=account.id).delete()
        book.changed |= any(getattr(account, name) != value for name, value in facts.items())
        account.update_from_dict({**facts, "seen_at": runtime.now()})
        if whole or first:
            account.told = _hash(record)
        await book.close(EwaUpdateKind.TOLD)
    return refused


async def _ensure(record: AccountRecord) -> None:
    fresh = EwaAccount(
        id=runtime.new_id(),
        number=record.number,
        plan=PLAN.initial.value,
        dunning=DUNNING.initial.value,
        told=_UNHEARD,
        seen_at=runtime.now(),
        **_facts(record),
    )
    await EwaAccount.bulk_create([fresh], ignore_conflicts=True)


def _facts(record: AccountRecord) -> dict[str, Any]:
    return {
        "owner_national_id": record.owner_national_id,
        "address_en": record.address.en,
        "address_ar": record.address.ar,
        "tariff_class": record.tariff_class.value,
        "subsidised": record.subsidised,
    }


async def _take(book: Book, record: AccountRecord, *, first: bool) -> list[str]:
    """Put news into the book in the order of their days, a payment before a bill of its day."""
    told = {reading.reference: reading for reading in record.readings}
    taken = EwaBill.filter(reference__in=list(told))
    known = {str(ref) for ref in await taken.values_list("reference", flat=True)}
    came = EwaReceipt.filter(account_id=book.account.id)
    paid = {str(key) for key in await came.values_list("key", flat=True)}
    news: list[Reading | Counter] = [
        reading for reference, reading in told.items() if reference not in known
    ]
    news += [c for c in record.payments if _key(record, c) not in paid]
    refused = []
    for item in sorted(news, key=_when):
        if isinstance(item, Counter):
            key = _key(record, item)
            await book.receive(EwaReceiptKind.ELSEWHERE, key, item.fils, item.paid_at)
            continue
        if first and _fixed_from(record, item) and book.account.plan == EwaPlanKind.METERED.value:
            book.enrol(record.instalment_fils or 0, item.issued_on)
        if not await book.issue(item):
            refused.append(item.reference)
    return refused + [
        reference for reference in record.withdrawn if not await _withdrawn(book, reference)
    ]


async def _withdrawn(book: Book, reference: str) -> bool:
    if await book.withdraw(reference):
        return True
    return await EwaBill.exists(reference=reference, status="CANCELLED")


def _key(record: AccountRecord, payment: Counter) -> str:
    return f"elsewhere:{record.number}:{payment.key}"


def _when(item: Reading | Counter) -> tuple[Any, int, str]:
    if isinstance(item, Counter):
        return runtime.local_day(item.paid_at), 0, item.key
    return item.issued_on, 1, item.reference


def _fixed_from(record: AccountRecord, reading: Reading) -> bool:
    since = record.fixed_since
    return record.instalment_fils is not None and since is not None and reading.issued_on >= since


async def rows_of(ids: Iterable[str]) -> dict[str, Row]:
    """Return account rows by id; unknown ids are absent. Asks nobody."""
    rows = await EwaAccount.filter(id__in=list(ids)).values()
    return {row["id"]: row for row in rows}


async def page(query: QuerySet[EwaAccount], first: int, after: str | None) -> Page:
    """Return a page of accounts, by number. Asks nobody."""
    columns = sorted(EwaAccount._meta.db_fields)  # noqa: SLF001  all of them, whatever they are
    return await keyset_page(query, order=("number",), first=first, after=after, columns=columns)


async def desk(stage: EwaDunningStatus | None, first: int, after: str | None) -> Page:
    """Return a page of all accounts for the officers, or of those at one stage of dunning."""
    query = EwaAccount.all() if stage is None else EwaAccount.filter(dunning=stage.value)
    return await page(query, first, after)


async def owned(viewer: Viewer, account_id: str) -> EwaAccount:
    """Return the viewer's own account, locked in the current transaction.

    Raises:
        NotFound: the viewer sees no such account.
        EwaNotYourAccount: it is in somebody else's name.
    """
    if account_id not in await visible(viewer, [account_id]):
        raise NotFound("accountId")
    account = await db.locked(EwaAccount.filter(id=account_id)).get()
    if viewer.national_id is None or account.owner_national_id != viewer.national_id:
        raise EwaNotYourAccount("accountId")
    return account


async def visible(viewer: Viewer, ids: Sequence[str]) -> dict[str, Row]:
    """Return the accounts that the viewer may see: owned, followed, or any for officers."""
    rows = await rows_of(ids)
    if viewer.can("ewa.read", AGENCY):
        return rows
    if viewer.person_id is None:
        return {}
    links = EwaLink.filter(person_id=viewer.person_id, account_id__in=list(rows))
    followed = {str(id_) for id_ in await links.values_list("account_id", flat=True)}
    own = viewer.national_id
    return {
        id_: row
        for id_, row in rows.items()
        if id_ in followed or (own is not None and row["owner_national_id"] == own)
    }
