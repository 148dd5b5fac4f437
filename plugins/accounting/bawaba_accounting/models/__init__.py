"""The rows of the accounting."""

from __future__ import annotations

from bawaba_accounting.models.books import (
    Account,
    Activity,
    Balance,
    ChainHead,
    IntegrityRun,
    JournalRow,
    PostingRow,
    Reversal,
    Rollup,
)
from bawaba_accounting.models.closing import Closing, ClosingTotal, Period
from bawaba_accounting.models.remitting import Remittance
from bawaba_accounting.models.settlement import (
    Difference,
    GatewayBook,
    Movement,
    Payout,
    PayoutNotice,
    Resolution,
    SettlementFile,
    StatementLine,
)

__models__ = [
    Account,
    Activity,
    Balance,
    ChainHead,
    Closing,
    ClosingTotal,
    Difference,
    GatewayBook,
    IntegrityRun,
    JournalRow,
    Movement,
    Payout,
    PayoutNotice,
    Period,
    PostingRow,
    Remittance,
    Resolution,
    Reversal,
    Rollup,
    SettlementFile,
    StatementLine,
]

__all__ = [
    "Account",
    "Activity",
    "Balance",
    "ChainHead",
    "Closing",
    "ClosingTotal",
    "Difference",
    "GatewayBook",
    "IntegrityRun",
    "JournalRow",
    "Movement",
    "Payout",
    "PayoutNotice",
    "Period",
    "PostingRow",
    "Remittance",
    "Resolution",
    "Reversal",
    "Rollup",
    "SettlementFile",
    "StatementLine",
]
