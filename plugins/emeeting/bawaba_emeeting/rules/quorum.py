"""Who is there, whether they are enough, and who presides: a fold of the log."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from bawaba.text import Text

from bawaba_emeeting.domain import (
    Convening,
    MeetingAttendanceStatus,
    MeetingQuorumBase,
    MeetingRole,
    PresenceChange,
    Quorum,
    Rules,
    Seat,
)

Presence = Mapping[str, PresenceChange]
"""The last change of each member, by member id."""


def presence(changes: Iterable[PresenceChange]) -> dict[str, PresenceChange]:
    """Return how each member stands after the changes, given in the order of the log."""
    return {change.member_id: change for change in changes}


def is_there(change: PresenceChange | None, rules: Rules) -> bool:
    """Return whether a member counts as being there."""
    if change is None:
        return False
    remote = change.status is MeetingAttendanceStatus.REMOTE and rules.remote_counts
    return remote or change.status is MeetingAttendanceStatus.PRESENT


def there(seats: Sequence[Seat], now: Presence, rules: Rules) -> frozenset[str]:
    """Return the voting members who are there."""
    return frozenset(s.id for s in seats if s.votes and is_there(now.get(s.id), rules))


def convening_of(rules: Rules, number: int) -> Convening:
    """Return what the ``number``-th convening needs (from 1); the last rung holds on."""
    return rules.ladder[min(max(number, 1), len(rules.ladder)) - 1]


def required(convening: Convening, base: int) -> int:
    """Return how many of ``base`` heads are a quorum; at least one."""
    share = base * convening.numerator
    if convening.strict:
        return max(1, share // convening.denominator + 1)
    return max(1, -(-share // convening.denominator))


def quorum(  # noqa: PLR0913  what the law names
    seats: Sequence[Seat],
    now: Presence,
    rules: Rules,
    *,
    convening: int,
    all_seats: int,
    recused: Collection[str] = (),
) -> Quorum:
    """Return whether enough are there.

    Args:
        convening: the how-manieth convening of the meeting, from 1.
        all_seats: the council's seats, vacant ones included.
        recused: members who stand aside from the vote in question.
    """
    members = [seat for seat in seats if seat.votes]
    base = all_seats if rules.quorum_base is MeetingQuorumBase.SEATS else len(members)
    here = there(seats, now, rules)
    if not rules.recused_count:
        here -= frozenset(recused)
    return Quorum(required(convening_of(rules, convening), base), len(here), base)


def acting_chair(seats: Sequence[Seat], now: Presence, rules: Rules) -> str | None:
    """Return who presides: the chair, else a deputy, else the most senior member who is there."""
    here = there(seats, now, rules)
    order = (MeetingRole.CHAIR, MeetingRole.DEPUTY, MeetingRole.MEMBER)
    able = [seat for seat in seats if seat.id in here]
    able.sort(key=lambda seat: (order.index(seat.role), seat.seniority, seat.id))
    return able[0].id if able else None


def explained(found: Quorum, convening: int) -> Text:
    """Return the quorum in a sentence."""
    shortfall = found.required - found.present
    said = Text(
        "{present} of {entitled} members are present; {required} are needed at convening {n}.",
        "الحضور {present} من أصل {entitled} عضواً، والنصاب المطلوب {required} في الانعقاد {n}.",
    )
    verdict = (
        Text("The quorum is met.", "النصاب مكتمل.")
        if found.is_met
        else Text("{short} more {be} needed.", "ينقص النصاب {short}.")
    )
    both = Text(f"{said.en} {verdict.en}", f"{said.ar} {verdict.ar}")
    return both.fill(
        present=found.present,
        entitled=found.entitled,
        required=found.required,
        n=convening,
        short=shortfall,
        be="is" if shortfall == 1 else "are",
    )
