"""The laws of payments over plain values. Pure."""

from __future__ import annotations

from bawaba.host.payments.rules.basket import (
    MAX_ITEMS,
    BillKey,
    Priced,
    Wanted,
    check_distinct,
    check_return_url,
    check_size,
    price,
)
from bawaba.host.payments.rules.circuits import Circuit, CircuitState, CircuitTrigger
from bawaba.host.payments.rules.references import is_reference, reference_of
from bawaba.host.payments.rules.returns import (
    Charged,
    Line,
    Paid,
    charged_back,
    checked,
    refund_lines,
    undone,
)
from bawaba.host.payments.rules.verdicts import Effect, Verdict, verdict

__all__ = [
    "MAX_ITEMS",
    "BillKey",
    "Charged",
    "Circuit",
    "CircuitState",
    "CircuitTrigger",
    "Effect",
    "Line",
    "Paid",
    "Priced",
    "Verdict",
    "Wanted",
    "charged_back",
    "check_distinct",
    "check_return_url",
    "check_size",
    "checked",
    "is_reference",
    "price",
    "reference_of",
    "refund_lines",
    "undone",
    "verdict",
]
