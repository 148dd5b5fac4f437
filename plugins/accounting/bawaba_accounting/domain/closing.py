"""The words of periods: months of the books that are open or closed."""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass

from bawaba.domain import StateMachine

__all__ = ["PERIOD", "REOPEN_WITHIN", "Month", "PeriodStatus", "PeriodTrigger"]

REOPEN_WITHIN = dt.timedelta(hours=24)
"""How long a wish to reopen waits for a second person."""


class PeriodStatus(enum.Enum):
    """Whether a month takes journals. REOPEN_REQUESTED: it is closed, and one person asked."""

    OPEN = "OPEN"
    CLOSED = "CLOSED"
    REOPEN_REQUESTED = "REOPEN_REQUESTED"


class PeriodTrigger(enum.Enum):
    """What happens to a month. LAPSE: no second person came in time."""

    CLOSE = "CLOSE"
    ASK_TO_REOPEN = "ASK_TO_REOPEN"
    CONFIRM = "CONFIRM"
    LAPSE = "LAPSE"


PERIOD = StateMachine(
    name="accounting_period",
    initial=PeriodStatus.OPEN,
    edges={
        (PeriodStatus.OPEN, PeriodTrigger.CLOSE): PeriodStatus.CLOSED,
        (PeriodStatus.CLOSED, PeriodTrigger.ASK_TO_REOPEN): PeriodStatus.REOPEN_REQUESTED,
        (PeriodStatus.REOPEN_REQUESTED, PeriodTrigger.CONFIRM): PeriodStatus.OPEN,
        (PeriodStatus.REOPEN_REQUESTED, PeriodTrigger.LAPSE): PeriodStatus.CLOSED,
    },
)


@dataclass(frozen=True, slots=True)
class Month:
    """A local calendar month, both days included."""

    starts_on: dt.date
    ends_on: dt.date

    @property
    def id(self) -> str:
        """YYYY-MM."""
        return f"{self.starts_on:%Y-%m}"
