"""Rows of payslips, which are never changed, and of what was printed."""

from __future__ import annotations

from bawaba.db import CheckConstraint, Table
from tortoise import fields

from bawaba_civil_service.models.people import CivilEmployee


class CivilPayslip(Table):
    """What was paid for a month (YYYY-MM), append-only. ``net_fils`` is the sum of its lines."""

    id = fields.CharField(max_length=32, primary_key=True)
    employee: fields.ForeignKeyRelation[CivilEmployee] = fields.ForeignKeyField(
        "civilService.CivilEmployee", related_name="payslips", on_delete=fields.RESTRICT
    )
    employee_id: str
    month = fields.CharField(max_length=7)
    net_fils = fields.BigIntField()
    issued_on = fields.DateField()
    verification_code = fields.CharField(max_length=24, unique=True)
    issued_to_en = fields.CharField(max_length=200)
    issued_to_ar = fields.CharField(max_length=200)
    position_en = fields.CharField(max_length=200)
    position_ar = fields.CharField(max_length=200)
    entity_en = fields.CharField(max_length=200)
    entity_ar = fields.CharField(max_length=200)

    class Meta:
        """One payslip a month."""

        table = "civil_service_payslip"
        unique_together = (("employee_id", "month"),)
        constraints = (
            CheckConstraint(check="length(month) = 7", name="ck_civil_service_payslip_month"),
        )


class CivilPayslipLine(Table):
    """A line of a payslip, append-only. ``corrects``: the earlier month it is about."""

    id = fields.CharField(max_length=32, primary_key=True)
    payslip: fields.ForeignKeyRelation[CivilPayslip] = fields.ForeignKeyField(
        "civilService.CivilPayslip", related_name="lines", on_delete=fields.RESTRICT
    )
    payslip_id: str
    position = fields.IntField()
    kind = fields.CharField(max_length=20)
    label_en = fields.CharField(max_length=200)
    label_ar = fields.CharField(max_length=200)
    fils = fields.BigIntField()
    corrects = fields.CharField(max_length=7, null=True)

    class Meta:
        """A correction names a month; nothing else does."""

        table = "civil_service_payslip_line"
        unique_together = (("payslip_id", "position"),)
        constraints = (
            CheckConstraint(
                check="kind IN ('BASIC', 'ALLOWANCE', 'DEDUCTION', 'SOCIAL_INSURANCE', "
                "'CORRECTION')",
                name="ck_civil_service_line_kind",
            ),
            CheckConstraint(
                check="(kind = 'CORRECTION') = (corrects IS NOT NULL)",
                name="ck_civil_service_line_corrects",
            ),
        )


class CivilPrint(Table):
    """A payslip printed in a language."""

    id = fields.CharField(max_length=32, primary_key=True)
    payslip: fields.ForeignKeyRelation[CivilPayslip] = fields.ForeignKeyField(
        "civilService.CivilPayslip", related_name="prints", on_delete=fields.RESTRICT
    )
    payslip_id: str
    language = fields.CharField(max_length=2)
    file_id = fields.CharField(max_length=32)

    class Meta:
        """Once a language."""

        table = "civil_service_print"
        unique_together = (("payslip_id", "language"),)
