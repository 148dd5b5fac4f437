"""A round of dunning on a locked account: begun by an open bill, ended by a payment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from bawaba import calendar, jobs
from bawaba.calendar import Calendar

from bawaba_payments_ewa.domain import DUNNING, DunningEvent, DunningRule, EwaDunningStatus, Open
from bawaba_payments_ewa.models import EwaAccount
from bawaba_payments_ewa.rules import dunning
from bawaba_payments_ewa.services import figures

ORDER = "ewa.order"
"""Name of the job that has a supply disconnected or connected again."""


async def review(account: EwaAccount, charges: Sequence[Open], today: dt.date) -> bool:
    """End a round that is paid, begin one where a bill is open; return whether either was done.

    Called in a transaction with the account locked; the caller saves it.
    """
    before = account.dunning
    rule = figures.dunning_rule(today)
    state = EwaDunningStatus(account.dunning)
    if (
        state in dunning.RUNNING
        and account.dunning_since is not None
        and dunning.is_stopped(charges, account.dunning_since, today, rule)
    ):
        await step(account, DunningEvent.PAY, today)
    begins = dunning.begins_with(charges)
    if account.dunning == EwaDunningStatus.CLEAR.value and begins is not None:
        account.dunning_round += 1
        account.dunning_since = begins
        await step(account, DunningEvent.BILL, today)
    await plan_next(account, today)
    return account.dunning != before


async def step(account: EwaAccount, event: DunningEvent, today: dt.date) -> None:
    """Move a locked account one step on; orders to the authority are queued."""
    state = DUNNING.next(EwaDunningStatus(account.dunning), event)
    account.dunning, account.dunning_step_on = state.value, today
    if state is EwaDunningStatus.CLEAR:
        account.dunning_since = None
    if state is EwaDunningStatus.DISCONNECTION_DUE:
        await _order(account, "disconnect")
    if state is EwaDunningStatus.RECONNECTION_DUE:
        await _order(account, "reconnect")
    await plan_next(account, today)


async def next_step(account: EwaAccount, today: dt.date) -> tuple[DunningEvent, dt.date] | None:
    """Return an account's next step and its day; None where none follows."""
    if account.dunning_since is None:
        return None
    state, rule = EwaDunningStatus(account.dunning), figures.dunning_rule(today)
    cuts_next = state is EwaDunningStatus.FINAL_NOTICE
    return dunning.next_step(
        state,
        account.dunning_since,
        account.dunning_step_on or today,
        today,
        rule,
        await days_ahead(today, rule) if cuts_next else Calendar(),
    )


async def days_ahead(today: dt.date, rule: DunningRule) -> Calendar:
    """Return the calendar of all days on which the rule may have a supply cut, as known today."""
    reach = dt.timedelta(days=rule.disconnect_day) + calendar.REACH
    return await calendar.between(today, today + reach)


async def plan_next(account: EwaAccount, today: dt.date) -> None:
    """Note on which day the periodic job has to look at the account next."""
    found = await next_step(account, today)
    account.dunning_next_on = found[1] if found else None


async def _order(account: EwaAccount, order: str) -> None:
    payload = {"accountId": account.id, "round": account.dunning_round, "order": order}
    await jobs.enqueue(ORDER, payload, key=f"{order}:{account.id}:{account.dunning_round}")
