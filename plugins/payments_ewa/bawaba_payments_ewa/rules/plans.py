"""Fixed monthly billing: equal instalments, and a true-up that makes the year exact."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from bawaba.money import format_fils
from bawaba.text import Text

from bawaba_payments_ewa.domain import (
    PLAN,
    EwaLineKind,
    EwaPlanKind,
    Line,
    PlanEvent,
    PlanRule,
)

_INSTALMENT = Text("Fixed instalment {month} of {months}", "القسط الثابت {month} من {months}")
_INSTALMENT_WHY = Text(
    "Metered this month: BHD {metered}; the difference is settled after {months} months.",
    "قيمة استهلاك الشهر: {metered} د.ب؛ ويُسوّى الفرق بعد إتمام {months} من الأقساط.",
)
_TRUE_UP = Text("True-up of {months} months", "تسوية الفوترة الثابتة، عدد الأشهر {months}")
_TRUE_UP_WHY = Text(
    "Metered BHD {metered} less instalments BHD {charged}.",
    "قيمة الاستهلاك {metered} د.ب ناقصاً الأقساط {charged} د.ب.",
)


@dataclass(frozen=True, slots=True)
class Plan:
    """How an account is billed, and what the running year has come to so far, in fils."""

    kind: EwaPlanKind = EwaPlanKind.METERED
    instalment: int = 0
    months: int = 0
    metered: int = 0
    charged: int = 0


def instalment(metered: Sequence[int], rule: PlanRule) -> int:
    """Return the instalment: the average metered bill, rounded up by the rule. In fils."""
    step = len(metered) * rule.round_up_fils
    return -(-sum(metered) // step) * rule.round_up_fils


def bill(plan: Plan, metered: Sequence[Line], rule: PlanRule) -> tuple[list[Line], Plan]:
    """Return the lines of the next bill, and the plan after it."""
    if plan.kind is EwaPlanKind.METERED:
        return list(metered), plan
    if plan.kind is EwaPlanKind.LEAVING:
        ended = Plan(PLAN.next(plan.kind, PlanEvent.TRUE_UP))
        return [*metered, *([_true_up(plan)] if plan.months else [])], ended
    month = sum(line.fils for line in metered)
    after = dataclasses.replace(
        plan,
        months=plan.months + 1,
        metered=plan.metered + month,
        charged=plan.charged + plan.instalment,
    )
    lines = [_instalment(after, month, rule)]
    if after.months < rule.months:
        return lines, after
    renewed = Plan(
        PLAN.next(plan.kind, PlanEvent.TRUE_UP),
        instalment(_monthly(after.metered, after.months), rule),
    )
    return [*lines, _true_up(after)], renewed


def _monthly(fils: int, months: int) -> list[int]:
    return [fils // months + (1 if month < fils % months else 0) for month in range(months)]


def _instalment(plan: Plan, month: int, rule: PlanRule) -> Line:
    return Line(
        EwaLineKind.INSTALMENT,
        _INSTALMENT.fill(month=plan.months, months=rule.months),
        plan.instalment,
        _INSTALMENT_WHY.fill(metered=format_fils(month), months=rule.months),
    )


def _true_up(plan: Plan) -> Line:
    return Line(
        EwaLineKind.TRUE_UP,
        _TRUE_UP.fill(months=plan.months),
        plan.metered - plan.charged,
        _TRUE_UP_WHY.fill(metered=format_fils(plan.metered), charged=format_fils(plan.charged)),
    )
