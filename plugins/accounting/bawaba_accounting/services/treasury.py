"""What the treasury brings to the plugin: accounts, jobs, machines."""

from __future__ import annotations

import datetime as dt

from bawaba.jobs import Job
from bawaba.ledger import Account, AccountKind
from bawaba.plugin import Machine
from bawaba.text import Text

from bawaba_accounting.domain.closing import PERIOD
from bawaba_accounting.domain.remitting import REMITTANCE
from bawaba_accounting.domain.settlement import (
    BANK,
    DIFFERENCE,
    FEES,
    FILE,
    RESOLUTION,
    WRITE_OFF,
)
from bawaba_accounting.services import settlements

__all__ = ["ACCOUNTS", "JOBS", "MACHINES"]

ACCOUNTS = (
    Account(BANK, Text("The treasury's bank account", "حساب الخزينة البنكي"), AccountKind.ASSET),
    Account(FEES, Text("Fees of payment gateways", "رسوم بوابات الدفع"), AccountKind.EXPENSE),
    Account(
        WRITE_OFF,
        Text("Differences written off", "فروق مشطوبة"),
        AccountKind.EXPENSE,
    ),
)
JOBS = (
    Job(
        "accounting.settlement",
        settlements.fetch_all,
        every=dt.timedelta(hours=1),
        lease=dt.timedelta(minutes=30),
    ),
)
MACHINES = (
    Machine(FILE, Text("A settlement file.", "ملف تسوية.")),
    Machine(DIFFERENCE, Text("A difference.", "فرق بين البوابة والدفاتر.")),
    Machine(RESOLUTION, Text("The resolution of a difference.", "تسوية فرق.")),
    Machine(PERIOD, Text("A month of the books.", "شهر من أشهر الدفاتر.")),
    Machine(REMITTANCE, Text("A remittance to an agency.", "تحويل إلى جهة.")),
)
