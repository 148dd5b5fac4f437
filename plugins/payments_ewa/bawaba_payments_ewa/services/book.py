"""The money of one account: bills charge it, receipts are apportioned, refunds taken back."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import structlog
from bawaba import live, runtime

from bawaba_payments_ewa.domain import (
    BILL,
    PLAN,
    TOPIC,
    BillEvent,
    BillState,
    EwaPlanKind,
    EwaReceiptKind,
    EwaUpdateKind,
    Line,
    Open,
    PlanEvent,
    Reading,
)
from bawaba_payments_ewa.models import EwaAccount, EwaBill, EwaReceipt, EwaReversal, EwaShare
from bawaba_payments_ewa.rules import apportion, plans, pricing
from bawaba_payments_ewa.services import figures, frozen, rounds

_MOVING = ("status", "applied_fils", "superseded_by")
"""What changes of a bill after it was taken."""
log = structlog.get_logger(__name__)


@dataclass
class Book:
    """A locked account and its bills, oldest first. Open it, change it, :meth:`close` it."""

    account: EwaAccount
    bills: list[EwaBill]
    changed: bool = field(default=False)
    stored: dict[str, tuple[object, ...]] = field(default_factory=dict)

    @classmethod
    async def of(cls, account: EwaAccount) -> Book:
        """Open the book of an account that is locked in the current transaction."""
        query = EwaBill.filter(account_id=account.id).exclude(status=BillState.CANCELLED.value)
        bills = list(await query.order_by("issued_on", "id"))
        return cls(account, bills, stored={bill.id: _moving(bill) for bill in bills})

    @property
    def current(self) -> EwaBill | None:
        """The newest bill, which is the one that can be paid."""
        return next((bill for bill in self.bills if bill.superseded_by is None), None)

    def open_charges(self) -> list[Open]:
        """Return what is left to pay of each bill's own charges."""
        return [
            Open(bill.id, bill.charge_fils - bill.applied_fils, bill.issued_on, bill.due_on)
            for bill in self.bills
            if bill.applied_fils < bill.charge_fils
        ]

    async def issue(self, reading: Reading) -> bool:
        """Take a month's meters as a bill; return False where no tariff covers the period."""
        try:
            metered = pricing.price(figures.rules(), self._who(), reading)
        except LookupError as error:
            log.warning("a bill has no tariff", reference=reading.reference, reason=str(error))
            return False
        plan = self._plan()
        lines, after = plans.bill(plan, metered, figures.plan_rule(reading.issued_on))
        self._set_plan(after)
        own = sum(line.fils for line in lines)
        newest = self.current is None or reading.issued_on >= self.current.issued_on
        if newest and self.account.balance_fils:
            lines.append(frozen.brought_forward(self.account.balance_fils))
        bill = await self._store(reading, lines, own, newest=newest)
        bill.metered_fils = sum(line.fils for line in metered)
        bill.is_fixed = plan.kind is not EwaPlanKind.METERED
        await bill.save()
        self.account.balance_fils += bill.charge_fils
        if own < 0:
            key = f"credit:{reading.reference}"
            await self.receive(EwaReceiptKind.CREDIT, key, -own, runtime.now())
        await self._use_credit()
        self.changed = True
        return True

    async def _store(
        self, reading: Reading, lines: list[Line], own: int, *, newest: bool
    ) -> EwaBill:
        before = self.current
        if newest and before is not None:
            before.superseded_by = reading.reference
            await before.save(update_fields=["superseded_by"])
        bill = await EwaBill.create(
            id=runtime.new_id(),
            account_id=self.account.id,
            reference=reading.reference,
            issued_on=reading.issued_on,
            due_on=reading.due_on,
            starts_on=reading.starts_on,
            ends_on=reading.ends_on,
            lines=frozen.write(lines),
            amount_fils=sum(line.fils for line in lines),
            metered_fils=0,
            charge_fils=max(own, 0),
            status=BILL.initial.value,
            superseded_by=None if newest or before is None else before.reference,
        )
        self.bills = sorted([*self.bills, bill], key=lambda each: (each.issued_on, each.id))
        return bill

    async def receive(
        self,
        kind: EwaReceiptKind,
        key: str,
        fils: int,
        paid_at: dt.datetime,
        number: str | None = None,
    ) -> bool:
        """Apportion money to the oldest charges, the rest to the advance; False: known already."""
        if await EwaReceipt.exists(key=key):
            return False
        receipt = await EwaReceipt.create(
            id=runtime.new_id(),
            account_id=self.account.id,
            key=key,
            kind=kind.value,
            fils=fils,
            number=number,
            paid_at=paid_at,
        )
        for share in apportion.apportion(fils, self.open_charges()):
            await self._apply(receipt.id, share.bill_id, share.fils)
        self.account.balance_fils -= fils
        self.changed = True
        return True

    async def _apply(self, receipt_id: str, bill_id: str | None, fils: int) -> None:
        await EwaShare.create(
            id=runtime.new_id(),
            receipt_id=receipt_id,
            account_id=self.account.id,
            bill_id=bill_id,
            position=await EwaShare.filter(account_id=self.account.id).count(),
            fils=fils,
        )
        if bill_id is None:
            self.account.credit_fils += fils
        else:
            self._bill(bill_id).applied_fils += fils

    async def _use_credit(self) -> None:
        """Let the oldest advances pay the oldest charges."""
        if not self.account.credit_fils or not self.open_charges():
            return
        advances = EwaShare.filter(account_id=self.account.id, bill_id=None, fils__gt=0)
        for advance in await advances.order_by("position"):
            for share in apportion.apportion(advance.fils, self.open_charges()):
                if share.bill_id is not None:
                    advance.fils -= share.fils
                    self.account.credit_fils -= share.fils
                    await self._apply(advance.receipt_id, share.bill_id, share.fils)
            await advance.save(update_fields=["fils"])

    async def give_back(self, receipt: EwaReceipt, key: str, fils: int, at: dt.datetime) -> bool:
        """Take the newest parts of a receipt back; False: done before under this key."""
        if await EwaReversal.exists(key=key):
            return False
        await EwaReversal.create(key=key, receipt_id=receipt.id, fils=fils, at=at)
        shares = await EwaShare.filter(receipt_id=receipt.id, fils__gt=0).order_by("position")
        ordered = sorted(shares, key=lambda share: (share.bill_id is None, share.position))
        for share, taken in zip(
            ordered, apportion.take_back(fils, [s.fils for s in ordered]), strict=True
        ):
            if not taken:
                continue
            share.fils -= taken
            await share.save(update_fields=["fils"])
            if share.bill_id is None:
                self.account.credit_fils -= taken
            else:
                self._bill(share.bill_id).applied_fils -= taken
        receipt.reversed_fils += fils
        await receipt.save(update_fields=["reversed_fils"])
        self.account.balance_fils += fils
        await self._use_credit()
        self.changed = True
        return True

    async def withdraw(self, reference: str) -> bool:
        """Cancel a metered bill; what was paid of it becomes an advance. False: not possible."""
        bill = next((each for each in self.bills if each.reference == reference), None)
        if bill is None or bill.is_fixed or bill.charge_fils == 0:
            return False
        for share in await EwaShare.filter(bill_id=bill.id, fils__gt=0).order_by("position"):
            moved, share.fils = share.fils, 0
            await share.save(update_fields=["fils"])
            await self._apply(share.receipt_id, None, moved)
        bill.applied_fils = 0
        bill.status = BILL.next(BillState(bill.status), BillEvent.WITHDRAWN).value
        self.account.balance_fils -= bill.charge_fils
        self.bills.remove(bill)
        await bill.save()
        self._let_go_of(bill)
        await self._use_credit()
        self.changed = True
        return True

    def _let_go_of(self, bill: EwaBill) -> None:
        """Let what a withdrawn bill carried over be carried by another, or payable again."""
        heir = bill.superseded_by
        if heir is None and self.bills:
            self.bills[-1].superseded_by = None
            heir = self.bills[-1].reference
        for each in self.bills:
            if each.superseded_by == bill.reference:
                each.superseded_by = heir

    async def close(self, kind: EwaUpdateKind) -> None:
        """Bring statuses and dunning up to date, store all, and announce it if it changed."""
        for bill in self.bills:
            wanted = self._wanted(bill)
            event = apportion.event_to(BillState(bill.status), wanted)
            if event is not None:
                bill.status = BILL.next(BillState(bill.status), event).value
        moved_on = [bill for bill in self.bills if self.stored.get(bill.id) != _moving(bill)]
        if moved_on:
            await EwaBill.bulk_update(moved_on, _MOVING)
        moved = await rounds.review(self.account, self.open_charges(), runtime.today())
        await self.account.save()
        if self.changed or moved:
            await live.emit(TOPIC + self.account.id, kind.value)

    def _wanted(self, bill: EwaBill) -> BillState:
        if bill.superseded_by is None:
            return apportion.state_of_current(bill.amount_fils, self.account.balance_fils)
        return apportion.state_of(bill.charge_fils, bill.applied_fils)

    def _bill(self, bill_id: str) -> EwaBill:
        return next(bill for bill in self.bills if bill.id == bill_id)

    def _who(self) -> str:
        return figures.who(self.account.tariff_class, subsidised=self.account.subsidised)

    def _plan(self) -> plans.Plan:
        row = self.account
        return plans.Plan(
            EwaPlanKind(row.plan),
            row.plan_instalment,
            row.plan_months,
            row.plan_metered,
            row.plan_charged,
        )

    def _set_plan(self, plan: plans.Plan) -> None:
        row = self.account
        row.plan, row.plan_instalment, row.plan_months = (
            plan.kind.value,
            plan.instalment,
            plan.months,
        )
        row.plan_metered, row.plan_charged = plan.metered, plan.charged
        if plan.kind is EwaPlanKind.METERED:
            row.plan_since = None

    def enrol(self, instalment: int, since: dt.date) -> None:
        """Put a metered account on fixed billing."""
        self._set_plan(
            plans.Plan(PLAN.next(EwaPlanKind(self.account.plan), PlanEvent.ENROL), instalment)
        )
        self.account.plan_since = since
        self.changed = True

    def move_plan(self, event: PlanEvent) -> None:
        """Leave fixed billing, or stay after all."""
        self.account.plan = PLAN.next(EwaPlanKind(self.account.plan), event).value
        self.changed = True


def _moving(bill: EwaBill) -> tuple[object, ...]:
    return tuple(getattr(bill, name) for name in _MOVING)
