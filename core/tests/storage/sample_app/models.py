"""Rows that exercise every declaration the storage documents."""

from __future__ import annotations

from bawaba.db import CheckConstraint, Table, UniqueConstraint
from tortoise import fields


class Account(Table):
    id = fields.IntField(primary_key=True)
    code = fields.CharField(max_length=20, unique=True)
    branch = fields.CharField(max_length=20, db_default="main")
    number = fields.IntField(db_default=0)
    balance = fields.BigIntField(db_default=0)
    state = fields.CharField(max_length=10, db_default="open", index=True)

    class Meta:
        table = "sample_account"
        unique_together = (("branch", "number"),)
        constraints = [
            CheckConstraint(check="balance >= 0", name="ck_sample_balance"),
            UniqueConstraint(fields=("code", "state"), name="uq_sample_code_state"),
            UniqueConstraint(
                fields=("branch",), name="uq_sample_frozen", condition="state = 'frozen'"
            ),
        ]


class Line(Table):
    id = fields.BigIntField(primary_key=True)
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField(
        "sample.Account", related_name="lines", on_delete=fields.RESTRICT
    )
    amount = fields.BigIntField()

    class Meta:
        table = "sample_line"
