"""Going on fixed billing, and leaving it: the owner's choice, told to the authority."""

from __future__ import annotations

from bawaba import audit, db, runtime
from bawaba.money import format_fils
from bawaba.viewer import Viewer

from bawaba_payments_ewa.domain import EwaPlanKind, EwaUpdateKind, PlanEvent
from bawaba_payments_ewa.refusals import (
    EwaAlreadyFixed,
    EwaHistoryTooShort,
    EwaInArrears,
    EwaNotFixed,
)
from bawaba_payments_ewa.rules import dunning, plans
from bawaba_payments_ewa.services import accounts, figures, letters
from bawaba_payments_ewa.services.accounts import owned
from bawaba_payments_ewa.services.book import Book

_YEAR = 12


async def enrol(viewer: Viewer, account_id: str) -> accounts.Row:
    """Put one's own account on fixed billing from the next bill on; or stay, if one was leaving.

    Raises:
        NotFound, EwaNotYourAccount: it is not the viewer's.
        EwaAlreadyFixed, EwaInArrears, EwaHistoryTooShort: see there.
    """
    async with db.transaction():
        account = await owned(viewer, account_id)
        book = await Book.of(account)
        kind = EwaPlanKind(account.plan)
        if kind is EwaPlanKind.FIXED:
            raise EwaAlreadyFixed("accountId")
        if kind is EwaPlanKind.LEAVING:
            book.move_plan(PlanEvent.STAY)
        else:
            book.enrol(await _instalment(book), runtime.today())
        await _tell(viewer, book)
    return (await accounts.rows_of([account_id]))[account_id]


async def _instalment(book: Book) -> int:
    today = runtime.today()
    late = dunning.overdue(book.open_charges(), today)
    if late:
        raise EwaInArrears("accountId", amount=format_fils(late))
    rule = figures.plan_rule(today)
    metered = [bill.metered_fils for bill in book.bills][-_YEAR:]
    if len(metered) < rule.least_history:
        raise EwaHistoryTooShort("accountId", least=rule.least_history, have=len(metered))
    return plans.instalment(metered, rule)


async def leave(viewer: Viewer, account_id: str) -> accounts.Row:
    """Leave fixed billing: the next bill is metered and settles the difference.

    Raises:
        NotFound, EwaNotYourAccount: it is not the viewer's.
        EwaNotFixed: there is nothing to leave.
    """
    async with db.transaction():
        account = await owned(viewer, account_id)
        if account.plan != EwaPlanKind.FIXED.value:
            raise EwaNotFixed("accountId")
        book = await Book.of(account)
        book.move_plan(PlanEvent.LEAVE)
        await _tell(viewer, book)
    return (await accounts.rows_of([account_id]))[account_id]


async def _tell(viewer: Viewer, book: Book) -> None:
    account = book.account
    await book.close(EwaUpdateKind.PLAN)
    at = runtime.now()
    body = {
        "number": account.number,
        "plan": account.plan,
        "instalmentFils": account.plan_instalment,
        "since": at.isoformat(),
    }
    await letters.queue("ewa.plan", body, f"plan:{account.id}:{account.plan}:{at.isoformat()}")
    detail = {"plan": account.plan}
    await audit.record(viewer, "ewa.plan.changed", f"EwaAccount:{account.id}", detail)
