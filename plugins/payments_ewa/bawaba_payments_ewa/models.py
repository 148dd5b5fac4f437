"""Rows of the accounts, bills and money, and of the simulated authority."""

from __future__ import annotations

from bawaba.db import CheckConstraint, Table, UniqueConstraint
from tortoise import fields


class EwaAccount(Table):
    """The platform's mirror of an account, and what it keeps itself: balance, dunning, plan.

    ``balance_fils`` is what is open of all bills less ``credit_fils``, the unused advance,
    ``told`` is the hash of what the authority said last.
    """

    id = fields.CharField(max_length=32, primary_key=True)
    number = fields.CharField(max_length=20, unique=True)
    owner_national_id = fields.CharField(max_length=20, db_index=True)
    address_en = fields.CharField(max_length=200)
    address_ar = fields.CharField(max_length=200)
    tariff_class = fields.CharField(max_length=16)
    subsidised = fields.BooleanField()
    balance_fils = fields.BigIntField(db_default=0)
    credit_fils = fields.BigIntField(db_default=0)
    plan = fields.CharField(max_length=16)
    plan_since = fields.DateField(null=True)
    plan_instalment = fields.BigIntField(db_default=0)
    plan_months = fields.IntField(db_default=0)
    plan_metered = fields.BigIntField(db_default=0)
    plan_charged = fields.BigIntField(db_default=0)
    dunning = fields.CharField(max_length=20)
    dunning_round = fields.IntField(db_default=0)
    dunning_since = fields.DateField(null=True)
    dunning_step_on = fields.DateField(null=True)
    dunning_next_on = fields.DateField(null=True, db_index=True)
    told = fields.CharField(max_length=64)
    seen_at = fields.DatetimeField()

    class Meta:
        """A credit is not negative, words are known ones."""

        table = "ewa_account"
        constraints = (
            CheckConstraint(check="credit_fils >= 0", name="ck_ewa_account_credit"),
            CheckConstraint(
                check="tariff_class IN ('DOMESTIC', 'COMMERCIAL')", name="ck_ewa_account_class"
            ),
            CheckConstraint(
                check="plan IN ('METERED', 'FIXED', 'LEAVING')", name="ck_ewa_account_plan"
            ),
            CheckConstraint(
                check="dunning IN ('CLEAR', 'BILLED', 'REMINDED', 'FINAL_NOTICE', "
                "'DISCONNECTION_DUE', 'DISCONNECTED', 'RECONNECTION_DUE')",
                name="ck_ewa_account_dunning",
            ),
            CheckConstraint(
                check="(dunning = 'CLEAR') = (dunning_since IS NULL)", name="ck_ewa_account_since"
            ),
        )


class EwaBill(Table):
    """A bill. Its lines are frozen as JSON when it is taken.

    ``amount_fils``: all lines, ``charge_fils``: without what was brought forward, at least 0,
    ``applied_fils``: what went to the charge so far. The newest bill of an account is superseded
    by none.
    """

    id = fields.CharField(max_length=32, primary_key=True)
    account: fields.ForeignKeyRelation[EwaAccount] = fields.ForeignKeyField(
        "ewa.EwaAccount", related_name="bills", on_delete=fields.RESTRICT, db_index=True
    )
    account_id: str
    reference = fields.CharField(max_length=40, unique=True)
    issued_on = fields.DateField()
    due_on = fields.DateField()
    starts_on = fields.DateField()
    ends_on = fields.DateField()
    lines = fields.TextField()
    amount_fils = fields.BigIntField()
    metered_fils = fields.BigIntField()
    charge_fils = fields.BigIntField()
    applied_fils = fields.BigIntField(db_default=0)
    is_fixed = fields.BooleanField(db_default=False)
    status = fields.CharField(max_length=16)
    superseded_by = fields.CharField(max_length=40, null=True)

    class Meta:
        """One newest bill an account, no charge is paid more than it is."""

        table = "ewa_bill"
        indexes = (("account_id", "issued_on", "id"),)
        constraints = (
            CheckConstraint(
                check="status IN ('UNPAID', 'PARTIALLY_PAID', 'PAID', 'CANCELLED')",
                name="ck_ewa_bill_status",
            ),
            CheckConstraint(
                check="charge_fils >= 0 AND applied_fils >= 0 AND applied_fils <= charge_fils",
                name="ck_ewa_bill_money",
            ),
            UniqueConstraint(
                fields=("account_id",),
                name="uq_ewa_bill_current",
                condition="superseded_by IS NULL AND status <> 'CANCELLED'",
            ),
        )


class EwaReceipt(Table):
    """Money that came to an account. Its ``key`` makes it count once."""

    id = fields.CharField(max_length=32, primary_key=True)
    account: fields.ForeignKeyRelation[EwaAccount] = fields.ForeignKeyField(
        "ewa.EwaAccount", related_name="receipts", on_delete=fields.RESTRICT, db_index=True
    )
    account_id: str
    key = fields.CharField(max_length=120, unique=True)
    kind = fields.CharField(max_length=16)
    fils = fields.BigIntField()
    reversed_fils = fields.BigIntField(db_default=0)
    number = fields.CharField(max_length=40, null=True)
    paid_at = fields.DatetimeField()

    class Meta:
        """Not more is given back than came."""

        table = "ewa_receipt"
        indexes = (("account_id", "paid_at", "id"),)
        constraints = (
            CheckConstraint(
                check="kind IN ('HERE', 'ELSEWHERE', 'CREDIT')", name="ck_ewa_receipt_kind"
            ),
            CheckConstraint(
                check="fils > 0 AND reversed_fils >= 0 AND reversed_fils <= fils",
                name="ck_ewa_receipt_money",
            ),
        )


class EwaShare(Table):
    """A part of a receipt and the bill that it went to, or none: an advance.

    ``fils`` is what is left of it: parts given back, or moved from the advance to a bill, leave.
    """

    id = fields.CharField(max_length=32, primary_key=True)
    receipt: fields.ForeignKeyRelation[EwaReceipt] = fields.ForeignKeyField(
        "ewa.EwaReceipt", related_name="shares", on_delete=fields.RESTRICT, db_index=True
    )
    receipt_id: str
    account_id = fields.CharField(max_length=32)
    bill: fields.ForeignKeyNullableRelation[EwaBill] = fields.ForeignKeyField(
        "ewa.EwaBill", related_name="shares", on_delete=fields.RESTRICT, db_index=True, null=True
    )
    bill_id: str | None
    position = fields.IntField()
    fils = fields.BigIntField()

    class Meta:
        """Nothing negative. Positions count the parts of an account, oldest first."""

        table = "ewa_share"
        unique_together = (("account_id", "position"),)
        constraints = (CheckConstraint(check="fils >= 0", name="ck_ewa_share_fils"),)


class EwaReversal(Table):
    """Money given back, once for each refund and item."""

    key = fields.CharField(max_length=140, primary_key=True)
    receipt: fields.ForeignKeyRelation[EwaReceipt] = fields.ForeignKeyField(
        "ewa.EwaReceipt", related_name="reversals", on_delete=fields.RESTRICT, db_index=True
    )
    receipt_id: str
    fils = fields.BigIntField()
    at = fields.DatetimeField()

    class Meta:
        """Something is given back."""

        table = "ewa_reversal"
        constraints = (CheckConstraint(check="fils > 0", name="ck_ewa_reversal_fils"),)


class EwaLink(Table):
    """A person who follows an account, as its owner or because they know its owner's number."""

    id = fields.CharField(max_length=32, primary_key=True)
    account: fields.ForeignKeyRelation[EwaAccount] = fields.ForeignKeyField(
        "ewa.EwaAccount", related_name="links", on_delete=fields.RESTRICT, db_index=True
    )
    account_id: str
    person_id = fields.CharField(max_length=64, db_index=True)
    linked_at = fields.DatetimeField()

    class Meta:
        """Once a person and account."""

        table = "ewa_link"
        unique_together = (("person_id", "account_id"),)


class SimulatedAccount(Table):
    """An account of the simulated authority, its answer as JSON, ``told_first`` is the first one.

    ``reconnected_round`` is the newest round for which it was told to connect the supply again.
    """

    number = fields.CharField(max_length=20, primary_key=True)
    owner_national_id = fields.CharField(max_length=20, db_index=True)
    told_first = fields.TextField()
    body = fields.TextField()
    connected = fields.BooleanField(db_default=True)
    reconnected_round = fields.IntField(db_default=0)

    class Meta:
        """Where it is stored."""

        table = "ewa_sim_account"


class SimulatedLetter(Table):
    """A letter that the simulated authority has taken, once for each key."""

    key = fields.CharField(max_length=160, primary_key=True)
    number = fields.CharField(max_length=20, db_index=True)
    kind = fields.CharField(max_length=40)
    body = fields.TextField()

    class Meta:
        """A letter counts once."""

        table = "ewa_sim_letter"


class SimulatedMode(Table):
    """How the simulated authority behaves just now: one row, named ``mode``."""

    id = fields.CharField(max_length=8, primary_key=True)
    latency_ms = fields.IntField(db_default=0)
    outage = fields.BooleanField(db_default=False)
    late = fields.BooleanField(db_default=False)

    class Meta:
        """No negative latency."""

        table = "ewa_sim_mode"
        constraints = (CheckConstraint(check="latency_ms >= 0", name="ck_ewa_sim_latency"),)
