"""Dunning: each step by the calendar, its notice once, the authority told by letter."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from bawaba import db, jobs, live, notifications, runtime
from bawaba.money import format_fils
from bawaba.notifications import Notice
from bawaba.text import Text

from bawaba_payments_ewa import gateway
from bawaba_payments_ewa.domain import (
    TOPIC,
    DunningEvent,
    EwaDunningStatus,
    EwaUpdateKind,
    Open,
)
from bawaba_payments_ewa.models import EwaAccount, EwaLink
from bawaba_payments_ewa.rules import dunning
from bawaba_payments_ewa.services import accounts, figures, letters, rounds
from bawaba_payments_ewa.services.book import Book

ADVANCE = "ewa.dun"
"""Name of the periodic job."""
_BATCH = 50
log = structlog.get_logger(__name__)

_SUBJECT = Text("Electricity and water, account {number}", "الكهرباء والماء، الحساب {number}")
_WORDS = {
    EwaDunningStatus.REMINDED: Text(
        "A reminder: BHD {amount} is open on account {number}.",
        "تذكير: يوجد مبلغ {amount} د.ب غير مسدد على الحساب {number}.",
    ),
    EwaDunningStatus.FINAL_NOTICE: Text(
        "Final notice: pay BHD {amount} on account {number}, or the supply may be disconnected "
        "from {day} on.",
        "إنذار أخير: سدد {amount} د.ب على الحساب {number}، وإلا فقد تُقطع الخدمة اعتباراً من {day}.",
    ),
    EwaDunningStatus.DISCONNECTION_DUE: Text(
        "The supply of account {number} is to be disconnected: BHD {amount} is open.",
        "تقرر قطع الخدمة عن الحساب {number} لعدم سداد {amount} د.ب.",
    ),
    EwaDunningStatus.DISCONNECTED: Text(
        "The supply of account {number} was disconnected. Pay BHD {amount} to connect it again.",
        "قُطعت الخدمة عن الحساب {number}. سدد {amount} د.ب لإعادتها.",
    ),
    EwaDunningStatus.CLEAR: Text(
        "The supply of account {number} is being connected again.",
        "تجري إعادة الخدمة إلى الحساب {number}.",
    ),
}


async def advance(payload: Mapping[str, Any]) -> None:
    """Take every account whose day has come one step on (the periodic job).

    The authority is asked first what was paid elsewhere: nobody who has paid is warned. An account
    of which it tells nothing stays where it is: what was paid on it is not known.

    Raises:
        AgencyUnavailable: it does not answer; nothing more is done until it does.
    """
    del payload
    today, last = runtime.today(), ""
    while True:
        due = EwaAccount.filter(dunning_next_on__lte=today, id__gt=last).order_by("id")
        batch = await due.limit(_BATCH).values("id", "number")
        if not batch:
            return
        numbers = [row["number"] for row in batch]
        records = await gateway.ask(lambda r, n=numbers: r.find(n))  # type: ignore[misc]
        await accounts.refresh(records)
        told = {record.number for record in records}
        for row in batch:
            if row["number"] in told:
                await db.retrying(lambda id_=row["id"]: _advance(id_, today))  # type: ignore[misc]
            else:
                log.warning("the authority does not know an account", number=row["number"])
        last = batch[-1]["id"]


async def _advance(account_id: str, today: dt.date) -> None:
    async with db.transaction():
        account = await db.locked(EwaAccount.filter(id=account_id)).get()
        book = await Book.of(account)
        charges = book.open_charges()
        planned = account.dunning_next_on
        moved = await rounds.review(account, charges, today)
        event = await _due(account, charges, today)
        if event is not None:
            await rounds.step(account, event, today)
            told = await _tell(account, _next_day(account))
            await _report(account, told)
        await account.save()
        if moved or event is not None or account.dunning_next_on != planned:
            await live.emit(TOPIC + account.id, EwaUpdateKind.DUNNING.value)


async def _due(account: EwaAccount, charges: Sequence[Open], today: dt.date) -> DunningEvent | None:
    found = await rounds.next_step(account, today)
    if found is None or found[1] > today or not dunning.may_step(found[0], charges, today):
        return None
    return found[0]


def _next_day(account: EwaAccount) -> str:
    day = account.dunning_next_on
    return day.isoformat() if day else ""


async def _report(account: EwaAccount, told: int) -> None:
    """Let the authority know of a step, which can reach a customer who is not on the portal."""
    body = {
        "number": account.number,
        "round": account.dunning_round,
        "step": account.dunning,
        "fils": max(account.balance_fils, 0),
        "told": told,
    }
    key = f"notice:{account.id}:{account.dunning_round}:{account.dunning}"
    await letters.queue("ewa.notice", body, key)


async def _tell(account: EwaAccount, day: str = "") -> int:
    """Tell everybody who follows the account of its new state, once a round; return how many."""
    state = EwaDunningStatus(account.dunning)
    amount = format_fils(max(account.balance_fils, 0))
    body = _WORDS[state].fill(number=account.number, amount=amount, day=day)
    key = f"ewa.dunning:{account.id}:{account.dunning_round}:{state.value}"
    people = await EwaLink.filter(account_id=account.id).values_list("person_id", flat=True)
    subject = _SUBJECT.fill(number=account.number)
    await notifications.notify(
        [Notice(key, str(person), subject, body) for person in sorted(map(str, people))]
    )
    return len(people)


async def carry_out(payload: Mapping[str, Any]) -> None:
    """Have a supply disconnected or connected again (a job): the letter, then the new state.

    No supply is cut on a day off or past the hours for it: the order waits, and is looked at anew.

    Raises:
        AgencyUnavailable: it is retried; a disconnection whose account was paid meanwhile is not.
    """
    wanted, event = {
        "disconnect": (EwaDunningStatus.DISCONNECTION_DUE, DunningEvent.CUT_OFF),
        "reconnect": (EwaDunningStatus.RECONNECTION_DUE, DunningEvent.RECONNECT),
    }[payload["order"]]
    round_ = payload["round"]
    still = EwaAccount.filter(id=payload["accountId"], dunning=wanted.value, dunning_round=round_)
    account = await still.first()
    if account is None or (event is DunningEvent.CUT_OFF and await _put_off(payload)):
        return
    body = {"number": account.number, "round": round_}
    await letters.send(f"ewa.{payload['order']}", body, f"{payload['order']}:{account.id}:{round_}")
    async with db.transaction():
        locked = await db.locked(still).first()
        if locked is None:
            return
        today = runtime.today()
        await rounds.step(locked, event, today)
        await _tell(locked)
        await rounds.review(locked, (await Book.of(locked)).open_charges(), today)
        await locked.save()
        await live.emit(TOPIC + locked.id, EwaUpdateKind.DUNNING.value)


async def _put_off(payload: Mapping[str, Any]) -> bool:
    """Return whether no supply may be cut now; the order is enqueued for when one may.

    Without a key, since the order's own is used: should it come twice, the second finds it done.
    """
    local = runtime.local_time(runtime.now())
    rule = figures.dunning_rule(local.date())
    wait = dunning.cut_from(local, rule, await rounds.days_ahead(local.date(), rule)) - local
    if wait:
        async with db.transaction():
            await jobs.enqueue(rounds.ORDER, payload, delay=wait)
    return bool(wait)
