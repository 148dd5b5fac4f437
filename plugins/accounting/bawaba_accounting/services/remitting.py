"""Paying on to agencies what their accounts hold: proposed by one, approved by another."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bawaba import audit, db, idempotency, runtime
from bawaba.errors import NotFound
from bawaba.ledger import Journal, Posting, Side
from bawaba.money import format_fils
from bawaba.paging import Page, keyset_page
from bawaba.text import Text
from bawaba.viewer import Viewer

from bawaba_accounting import models
from bawaba_accounting.domain.remitting import (
    OPEN,
    REMITTANCE,
    RemittanceStatus,
    RemittanceTrigger,
)
from bawaba_accounting.domain.settlement import BANK
from bawaba_accounting.refusals import (
    NothingToRemit,
    RemittanceOrdered,
    SecondPersonNeeded,
    WrongStatus,
)
from bawaba_accounting.rules.periods import reason_of
from bawaba_accounting.services.payouts import record_one
from bawaba_accounting.services.write import locked_head

__all__ = ["advance", "by_ids", "page", "propose"]

COLUMNS = (
    "id",
    "agency",
    "ordered_on",
    "fils",
    "status",
    "proposed_by",
    "approved_by",
    "sent_at",
    "ended_at",
    "bank_reference",
    "reason",
    "journal_id",
)
_BOOKED = (RemittanceTrigger.SEND, RemittanceTrigger.FAIL)
_GIVEN_UP = (RemittanceStatus.FAILED.value, RemittanceStatus.CANCELLED.value)
_MAX_BANK = 64


async def propose(viewer: Viewer, agency: str, fils: int | None, key: str) -> str:
    """Propose to pay ``fils`` (None: all there is) on to an agency; return the order's id.

    Raises:
        Refusal: nothing or not enough is there, or one was ordered today.
        NotFound: the books hold no account for the agency.
    """
    viewer.require("accounting.remit")

    async def work() -> str:
        async with db.transaction():
            id_ = await _propose(viewer, agency, fils)
            await idempotency.done(id_)
        return id_

    return await idempotency.once(viewer, "accounting.remit", key, [agency, fils], work)


async def _propose(viewer: Viewer, agency: str, fils: int | None) -> str:
    account = f"agency.{agency}.payable"
    left = await _left(account)
    standing = models.Remittance.filter(account=account, ordered_on=runtime.today())
    if await standing.exclude(status__in=_GIVEN_UP).exists():
        raise RemittanceOrdered("agency")
    amount = left if fils is None else fils
    if not 0 < amount <= left:
        raise NothingToRemit("amount", left=format_fils(max(left, 0)))
    row = await models.Remittance.create(
        id=runtime.new_id(),
        agency=agency,
        account=account,
        ordered_on=runtime.today(),
        fils=amount,
        status=REMITTANCE.initial.value,
        proposed_by=viewer.person(),
        proposed_at=runtime.now(),
    )
    await _audit(viewer, row, "proposed")
    return str(row.id)


async def _left(account: str) -> int:
    """Return what an account holds beyond the orders that wait, under the lock of its balance."""
    balance = await db.locked(models.Balance.filter(account=account)).get_or_none()
    if balance is None:
        raise NotFound("agency")
    waiting = models.Remittance.filter(account=account, status__in=[s.value for s in OPEN])
    ordered: int = sum(row["fils"] for row in await waiting.values("fils"))
    return int(balance.credits - balance.debits) - ordered


async def advance(
    viewer: Viewer, order_id: str, trigger: RemittanceTrigger, key: str, words: str = ""
) -> str:
    """Take an order one step on; return its id.

    Args:
        words: SEND: the bank's reference; FAIL, CANCEL: the reason.

    Raises:
        Refusal: its state does not allow this, or a second person is needed.
        NotFound: there is no such order.
    """
    viewer.require("accounting.remit")

    async def work() -> str:
        said = reason_of(words) if words or trigger in _WITH_WORDS else ""
        async with db.transaction():
            if trigger in _BOOKED:
                await locked_head()  # before any row, as whoever records does
            row = await db.locked(models.Remittance.filter(id=order_id)).get_or_none()
            if row is None:
                raise NotFound("remittanceId")
            status = RemittanceStatus(row.status)
            if not REMITTANCE.allows(status, trigger):
                raise WrongStatus("remittanceId")
            row.status = REMITTANCE.next(status, trigger).value
            await _STEPS[trigger](viewer, row, said)
            await row.save()
            await _audit(viewer, row, trigger.value.lower())
            await idempotency.done(order_id)
        return order_id

    fingerprint = [order_id, trigger.value, words]
    return await idempotency.once(viewer, "accounting.remittance", key, fingerprint, work)


async def _approve(viewer: Viewer, row: models.Remittance, _words: str) -> None:
    if row.proposed_by == viewer.person():
        raise SecondPersonNeeded("remittanceId")
    row.approved_by, row.approved_at = viewer.person(), runtime.now()


async def _send(_viewer: Viewer, row: models.Remittance, words: str) -> None:
    """Book the money out, never beyond what the account holds at this moment."""
    balance = await db.locked(models.Balance.filter(account=row.account)).get()
    held = balance.credits - balance.debits
    if held < row.fils:
        raise NothingToRemit("remittanceId", left=format_fils(max(held, 0)))
    row.sent_at, row.bank_reference = runtime.now(), words[:_MAX_BANK]
    row.journal_id = await record_one(_journal(row, failed=False))


async def _confirm(_viewer: Viewer, row: models.Remittance, _words: str) -> None:
    row.ended_at = runtime.now()


async def _fail(_viewer: Viewer, row: models.Remittance, words: str) -> None:
    row.ended_at, row.reason = runtime.now(), words
    await record_one(_journal(row, failed=True))


async def _cancel(_viewer: Viewer, row: models.Remittance, words: str) -> None:
    row.ended_at, row.reason = runtime.now(), words


_STEPS: Mapping[RemittanceTrigger, Callable[[Viewer, models.Remittance, str], Any]] = {
    RemittanceTrigger.APPROVE: _approve,
    RemittanceTrigger.SEND: _send,
    RemittanceTrigger.CONFIRM: _confirm,
    RemittanceTrigger.FAIL: _fail,
    RemittanceTrigger.CANCEL: _cancel,
}
_WITH_WORDS = (RemittanceTrigger.SEND, RemittanceTrigger.FAIL, RemittanceTrigger.CANCEL)


def _journal(row: models.Remittance, *, failed: bool) -> Journal:
    reference = f"remittance:{row.id}"
    name = Text("Remittance to {agency}", "تحويل إلى {agency}")
    if failed:
        name = Text("Remittance to {agency} returned", "ارتداد تحويل إلى {agency}")
    out, into = (Side.CREDIT, Side.DEBIT) if failed else (Side.DEBIT, Side.CREDIT)
    return Journal(
        reference=f"{reference}:failed" if failed else reference,
        kind="REMITTANCE",
        description=name.fill(agency=row.agency),
        effective_on=runtime.today(),
        postings=(Posting(row.account, out, row.fils), Posting(BANK, into, row.fils)),
        reverses=reference if failed else None,
    )


async def _audit(viewer: Viewer, row: models.Remittance, verb: str) -> None:
    detail = {"agency": row.agency, "fils": row.fils}
    resource = f"AccountingRemittance:{row.id}"
    await audit.record(viewer, f"accounting.remittance.{verb}", resource, detail)


async def page(status: RemittanceStatus | None, first: int, after: str | None) -> Page:
    """Return a page of orders, newest first."""
    query = models.Remittance.filter(status=status.value) if status else models.Remittance.all()
    return await keyset_page(
        query, order=["-ordered_on", "-id"], first=first, after=after, columns=COLUMNS
    )


async def by_ids(ids: Sequence[str]) -> Sequence[Mapping[str, Any]]:
    """Return the orders with these ids."""
    return await models.Remittance.filter(id__in=list(ids)).values(*COLUMNS)
