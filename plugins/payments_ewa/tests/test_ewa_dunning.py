"""From the bill to the disconnected supply and back, with a clock that moves."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from bawaba import db
from bawaba.errors import AgencyUnavailable
from bawaba.host.notifications.models import NoticeRow
from bawaba_payments_ewa.domain import Counter
from bawaba_payments_ewa.gateway import simulator, wire
from bawaba_payments_ewa.models import EwaAccount
from bawaba_payments_ewa.services import accounts, dunning
from bawaba_payments_ewa.services.letters import POST
from bawaba_payments_ewa.services.rounds import ORDER

MONTH = 3_900
DAY = dt.timedelta(days=1)


async def followed(portal: Any, *ages: int) -> Any:
    """An account that its owner follows."""
    record = await portal.billed(*ages)
    await accounts.refresh_of(portal.person("citizen"))
    return record


async def live(portal: Any, days: int) -> list[tuple[int, str]]:
    """Let days pass; return on which day after the bill which state came."""
    born = (await portal.current()).issued_on
    seen = []
    before = (await portal.row()).dunning
    for _ in range(days):
        portal.at += DAY
        await dunning.advance({})
        await dunning.advance({})
        await portal.run(ORDER)
        state = (await portal.row()).dunning
        if state != before:
            seen.append(((portal.at.date() - born).days, state))
        before = state
    return seen


async def test_an_unpaid_bill_ends_in_a_disconnected_supply_on_day_53(portal: Any) -> None:
    record = await followed(portal, 0)
    assert (await portal.row()).dunning == "BILLED"
    assert await live(portal, 60) == [(30, "REMINDED"), (45, "FINAL_NOTICE"), (53, "DISCONNECTED")]
    assert await portal.notices() == [
        "1:REMINDED citizen",
        "1:FINAL_NOTICE citizen",
        "1:DISCONNECTION_DUE citizen",
        "1:DISCONNECTED citizen",
    ]
    assert [(letter.kind, letter.body["number"]) for letter in portal.letters] == [
        ("ewa.disconnect", record.number)
    ]
    assert not await simulator.is_connected(record.number)
    await portal.pay(MONTH)
    assert (await portal.row()).dunning == "RECONNECTION_DUE"
    await portal.run(ORDER)
    assert (await portal.row()).dunning == "CLEAR"
    assert await simulator.is_connected(record.number)
    assert (await portal.notices())[-1] == "1:CLEAR citizen"


@pytest.mark.parametrize(
    ("day", "reached"), [(5, "BILLED"), (31, "REMINDED"), (50, "FINAL_NOTICE")]
)
async def test_a_payment_stops_it_for_good(portal: Any, day: int, reached: str) -> None:
    await followed(portal, 0)
    await live(portal, day)
    assert (await portal.row()).dunning == reached
    told = await portal.notices()
    await portal.pay(MONTH)
    assert (await portal.row()).dunning == "CLEAR"
    assert await live(portal, 60) == []
    assert await portal.notices() == told
    assert portal.letters == []


async def test_a_part_does_not_stop_it(portal: Any) -> None:
    await followed(portal, 0)
    await live(portal, 31)
    await portal.pay(MONTH - 1)
    assert [state for _, state in await live(portal, 30)] == ["FINAL_NOTICE", "DISCONNECTED"]


async def test_whoever_paid_elsewhere_is_not_warned(portal: Any) -> None:
    record = await followed(portal, 0)
    await live(portal, 29)
    await simulator.add(record.number, payments=[Counter("C-1", MONTH, portal.at)])
    await live(portal, 30)
    assert await portal.notices() == []
    assert (await portal.row()).dunning == "CLEAR"


async def test_while_the_authority_is_silent_nobody_is_warned(portal: Any) -> None:
    await followed(portal, 29)
    portal.at += 2 * DAY
    await simulator.SIMULATION.simulate(outage=True)
    with pytest.raises(AgencyUnavailable):
        await dunning.advance({})
    assert await portal.notices() == []
    await simulator.SIMULATION.simulate(outage=False)
    await dunning.advance({})
    assert await portal.notices() == ["1:REMINDED citizen"]


async def test_after_a_standstill_each_step_waits_for_its_gap(portal: Any) -> None:
    await followed(portal, 0)
    portal.at += 99 * DAY
    assert await live(portal, 20) == [
        (100, "REMINDED"), (107, "FINAL_NOTICE"), (114, "DISCONNECTED"),
    ]  # fmt: skip


async def test_paying_the_overdue_part_is_enough_and_the_newer_bill_begins_anew(
    portal: Any,
) -> None:
    await followed(portal, 40, 10)
    await dunning.advance({})
    row = await portal.row()
    assert (row.dunning, row.dunning_since) == ("REMINDED", portal.at.date() - 40 * DAY)
    await portal.pay(MONTH)
    row = await portal.row()
    assert (row.dunning, row.dunning_round) == ("BILLED", 2)
    assert row.dunning_since == portal.at.date() - 10 * DAY
    assert row.dunning_next_on == portal.at.date() + 20 * DAY


async def test_money_given_back_begins_a_round_with_notices_of_its_own(portal: Any) -> None:
    await followed(portal, 0)
    await live(portal, 31)
    item = await portal.pay(MONTH)
    await portal.reverse(item, MONTH)
    row = await portal.row()
    assert (row.dunning, row.dunning_round) == ("BILLED", 2)
    await dunning.advance({})
    assert await portal.notices() == ["1:REMINDED citizen", "2:REMINDED citizen"]


async def test_a_payment_overtakes_the_order_to_disconnect(portal: Any) -> None:
    record = await followed(portal, 46)
    for _ in range(3):
        await dunning.advance({})
        portal.at += 7 * DAY
    assert (await portal.row()).dunning == "DISCONNECTION_DUE"
    await portal.pay(MONTH)
    assert (await portal.row()).dunning == "RECONNECTION_DUE"
    await portal.run(ORDER)
    assert (await portal.row()).dunning == "CLEAR"
    assert [letter.kind for letter in portal.letters] == ["ewa.reconnect"]
    # A disconnection of that round which was on its way comes too late.
    account = await portal.row()
    body = {"number": record.number, "round": account.dunning_round}
    await portal.send("ewa", "ewa.disconnect", body, f"disconnect:{account.id}:1")
    assert await simulator.is_connected(record.number)


async def test_an_order_that_fails_is_tried_again_and_done_once(portal: Any) -> None:
    record = await followed(portal, 46)
    for _ in range(3):
        await dunning.advance({})
        portal.at += 7 * DAY
    portal.at += DAY  # the Sunday is off for a holiday of the weekend
    await simulator.SIMULATION.simulate(outage=True)
    with pytest.raises(AgencyUnavailable):
        await portal.run(ORDER)
    assert (await portal.row()).dunning == "DISCONNECTION_DUE"
    await simulator.SIMULATION.simulate(outage=False)
    (order,) = [payload for name, payload, _ in portal.jobs if name == ORDER]
    for _ in range(3):
        await dunning.carry_out(order)
    assert (await portal.row()).dunning == "DISCONNECTED"
    assert not await simulator.is_connected(record.number)
    assert [letter.kind for letter in portal.letters] == ["ewa.disconnect"]
    assert portal.events[-1][1] == "DUNNING"


def on(portal: Any, day: int, month: int, hour: int = 6) -> None:
    """Let the clock stand at an hour of a day of 2026; in UTC."""
    portal.at = dt.datetime(2026, month, day, hour, tzinfo=dt.UTC)


async def warned(portal: Any, issued_on: dt.date) -> Any:
    """An account with its final notice; the clock stands on day 46."""
    portal.at = dt.datetime.combine(issued_on, portal.at.timetz())
    record = await followed(portal, 0)
    assert [state for _, state in await live(portal, 46)] == ["REMINDED", "FINAL_NOTICE"]
    return record


async def test_nobody_is_cut_off_on_a_weekend(portal: Any) -> None:
    await warned(portal, dt.date(2026, 5, 11))  # day 53 is Friday, 3 July
    notice = await NoticeRow.get(key__endswith="FINAL_NOTICE")
    assert "from 2026-07-05 on" in notice.body_en, "the final notice names the Sunday"
    assert (await portal.row()).dunning_next_on == dt.date(2026, 7, 5)
    assert await live(portal, 20) == [(55, "DISCONNECTED")]


async def test_a_holiday_announced_late_puts_the_disconnection_off(portal: Any) -> None:
    await warned(portal, dt.date(2026, 5, 10))  # day 53 is Thursday, 2 July
    portal.holidays = {dt.date(2026, 7, 2): True}
    on(portal, 2, 7)
    before = len(portal.events)
    await dunning.advance({})
    row = await portal.row()
    assert (row.dunning, row.dunning_next_on) == ("FINAL_NOTICE", dt.date(2026, 7, 5))
    assert [kind for _, kind in portal.events[before:]] == ["DUNNING"], "who follows it sees it"
    on(portal, 5, 7)
    await dunning.advance({})
    assert await portal.run(ORDER) == 1
    assert (await portal.row()).dunning == "DISCONNECTED"


async def test_an_order_that_is_late_waits_for_the_next_working_morning(portal: Any) -> None:
    """The order of a Thursday that the authority did not take until the weekend began."""
    record = await warned(portal, dt.date(2026, 5, 10))
    on(portal, 2, 7)
    await dunning.advance({})
    await simulator.SIMULATION.simulate(outage=True)
    with pytest.raises(AgencyUnavailable):
        await portal.run(ORDER)
    await simulator.SIMULATION.simulate(outage=False)
    on(portal, 2, 7, hour=9)
    await portal.run(ORDER)
    assert portal.delays[-1] == dt.timedelta(days=2, hours=19), "noon is past: Sunday at seven"
    on(portal, 3, 7)
    await portal.run(ORDER)
    assert (await portal.row()).dunning == "DISCONNECTION_DUE"
    assert portal.letters == []
    assert await simulator.is_connected(record.number)
    on(portal, 5, 7, hour=4)
    await portal.run(ORDER)
    assert (await portal.row()).dunning == "DISCONNECTED"
    assert not await simulator.is_connected(record.number)


async def test_a_payment_at_the_weekend_ends_an_order_that_waits(portal: Any) -> None:
    record = await warned(portal, dt.date(2026, 5, 10))
    on(portal, 2, 7)
    await dunning.advance({})
    on(portal, 3, 7)
    await portal.run(ORDER)
    await portal.pay(MONTH)
    on(portal, 5, 7)
    await portal.run(ORDER)
    assert (await portal.row()).dunning == "CLEAR"
    assert "ewa.disconnect" not in [letter.kind for letter in portal.letters]
    assert await simulator.is_connected(record.number)


async def test_an_account_keeps_the_stage_in_which_the_authority_hands_it_over(
    portal: Any,
) -> None:
    from_authority = {
        **wire.write_account(portal.account(portal.reading(portal.at.date() - 47 * DAY))),
        "stage": "FINAL_NOTICE",
        "stageOn": (portal.at.date() - 2 * DAY).isoformat(),
    }
    await portal.enter(wire.read_account(from_authority))
    row = await portal.row()
    day_53 = portal.at.date() + 6 * DAY
    assert (row.dunning, row.dunning_next_on) == ("FINAL_NOTICE", day_53 + DAY), "a Sunday"


async def test_many_accounts_advance_in_one_run(portal: Any) -> None:
    for number in range(60):
        await portal.billed(30, number=f"10000{number:05d}")
    await dunning.advance({})
    states = await EwaAccount.all().values_list("dunning", flat=True)
    assert list(states) == ["REMINDED"] * 60
    assert await db.fetch("SELECT 1 AS one FROM core_notice") == [], "nobody follows them"
    assert await portal.run(POST) == 60
    assert {(letter.body["step"], letter.body["told"]) for letter in portal.letters} == {
        ("REMINDED", 0)
    }, "so that the authority can tell them"


async def test_nobody_of_whom_the_authority_tells_nothing_is_warned_or_cut_off(portal: Any) -> None:
    record = await followed(portal, 50)
    await db.execute("DELETE FROM ewa_sim_account WHERE number = $1", record.number)
    assert await live(portal, 40) == []
    assert await portal.notices() == []
    assert portal.letters == []


async def test_nobody_is_threatened_while_there_is_still_time_to_pay(portal: Any) -> None:
    day = portal.at.date()
    await portal.enter(portal.account(portal.reading(day - 60 * DAY, due_on=day + 20 * DAY)))
    await accounts.refresh_of(portal.person("citizen"))
    assert await live(portal, 20) == [(61, "REMINDED")]
    assert await live(portal, 20) == [(81, "FINAL_NOTICE"), (88, "DISCONNECTED")]
