"""The ledger accounts that core itself posts to."""

from __future__ import annotations

from collections.abc import Iterable

from bawaba.ledger import Account, AccountKind
from bawaba.payments import Gateway
from bawaba.text import Text

SUSPENSE = Account(
    "payments.suspense",
    Text("Money that belongs to no bill yet", "مبالغ لا تخص أي فاتورة بعد"),
    AccountKind.LIABILITY,
)
HELD = Account(
    "payments.held",
    Text(
        "Paid for bills that their services have yet to take",
        "مدفوع عن فواتير لم تستلمها خدماتها بعد",
    ),
    AccountKind.LIABILITY,
)
DISPUTED = Account(
    "payments.disputed",
    Text("Withheld while payers' disputes are open", "مبالغ محجوزة أثناء اعتراضات الدافعين"),
    AccountKind.ASSET,
)
LOSS = Account(
    "payments.chargeback_loss",
    Text("Lost in disputes after a refund", "خسائر الاعتراضات بعد الاسترداد"),
    AccountKind.EXPENSE,
)
ACCOUNTS = (SUSPENSE, HELD, DISPUTED, LOSS)


def clearing_account(gateway: str) -> str:
    """Return the account of what a gateway owes to the platform."""
    return f"gateway.{gateway}.clearing"


def clearing_accounts(gateways: Iterable[Gateway]) -> list[Account]:
    """Return the clearing account of each gateway."""
    return [
        Account(
            clearing_account(gateway.name),
            Text(f"Owed by {gateway.title.en}", f"مستحق على {gateway.title.ar}"),
            AccountKind.ASSET,
        )
        for gateway in gateways
    ]
