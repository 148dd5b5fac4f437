"""The rules of procedure: as data, amended from a moment on, and said in a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from itertools import pairwise
from typing import Any

from bawaba.text import Text

from bawaba_emeeting.domain import (
    MAX_MEMBERS,
    MAX_WAIT,
    Convening,
    MeetingMajority,
    MeetingMajorityBase,
    MeetingQuorumBase,
    MeetingQuorumLossPolicy,
    MeetingTiePolicy,
    Rules,
)
from bawaba_emeeting.refusals import BadRules

_ENUMS = {
    "quorum_base": MeetingQuorumBase,
    "on_quorum_loss": MeetingQuorumLossPolicy,
    "tie": MeetingTiePolicy,
}
_LISTS = {"majorities": MeetingMajority, "bases": MeetingMajorityBase}
_NAMES = frozenset(f.name for f in fields(Rules))
MAX_LADDER = 5
FIRST = "first_convening"
Change = Mapping[str, Any]
"""What an amendment changes, as JSON: names of fields of Rules, and of FIRST's rung alone."""


def compose(changes: Iterable[Change], start: Rules | None = None) -> Rules:
    """Return the rules after amendments, oldest first."""
    rules = start or Rules()
    for change in changes:
        plain = {name: _read(name, value) for name, value in change.items() if name != FIRST}
        rules = replace(rules, **plain)
        if FIRST in change and rules.ladder:
            rules = replace(rules, ladder=_with_first(rules.ladder, change[FIRST]))
    return rules


def _with_first(ladder: Sequence[Convening], given: Mapping[str, Any]) -> tuple[Convening, ...]:
    """Return the ladder with another first rung; a later one that would ask for more goes."""
    first, *rest = ladder
    changed = replace(first, **given)
    return (changed, *(rung for rung in rest if _at_most(rung, changed)))


def _at_most(rung: Convening, other: Convening) -> bool:
    return rung.numerator * other.denominator <= other.numerator * rung.denominator


def _read(name: str, value: Any) -> Any:
    if name in _LISTS:
        return tuple(_LISTS[name](each) for each in value)
    if name == "ladder":
        return tuple(
            Convening(
                rung["numerator"],
                rung["denominator"],
                strict=rung["strict"],
                wait_minutes=rung["wait_minutes"],
            )
            for rung in value
        )
    return _ENUMS[name](value) if name in _ENUMS else value


def written(rules: Rules) -> dict[str, Any]:
    """Return rules as JSON that :func:`compose` reads."""
    found: dict[str, Any] = {}
    for name in sorted(_NAMES):
        value = getattr(rules, name)
        if name == "ladder":
            value = [rung_written(rung) for rung in value]
        if name in _LISTS:
            value = [each.value for each in value]
        found[name] = value.value if name in _ENUMS else value
    return found


def rung_written(rung: Convening) -> dict[str, Any]:
    """Return a rung of the ladder as JSON."""
    return {f.name: getattr(rung, f.name) for f in fields(Convening)}


def check(rules: Rules) -> None:
    """Pass, or refuse rules that no council could keep.

    Raises:
        BadRules: a fraction that is none, a ladder that rises, no majority at all, or a wait or
            a number out of range.
    """
    ladder = rules.ladder
    if not 1 <= len(ladder) <= MAX_LADDER or not all(_possible(rung) for rung in ladder):
        raise BadRules("quorumNumerator")
    if not all(_at_most(later, rung) for rung, later in pairwise(ladder)):
        raise BadRules("ladder")
    if not 0 <= rules.proxies_per_holder <= MAX_MEMBERS:
        raise BadRules("proxiesPerHolder")
    for name in _LISTS:
        if not getattr(rules, name):
            raise BadRules(name)


def _possible(rung: Convening) -> bool:
    numerator, denominator = rung.numerator, rung.denominator
    fraction = 1 <= denominator <= MAX_MEMBERS and 1 <= numerator <= denominator
    return (
        fraction
        and not (rung.strict and numerator == denominator)
        and 0 <= rung.wait_minutes <= MAX_WAIT
    )


def sentence(rules: Rules) -> Text:
    """Return the rule of the quorum, for people."""
    seats = rules.quorum_base is MeetingQuorumBase.SEATS
    of = Text("all seats", "جميع المقاعد") if seats else Text("the members", "الأعضاء")
    parts = [_rung(rung, number, of) for number, rung in enumerate(rules.ladder, 1)]
    english = "; ".join(part.en for part in parts)
    return Text(f"{english[:1].upper()}{english[1:]}.", "؛ ".join(p.ar for p in parts) + ".")


def _rung(rung: Convening, number: int, of: Text) -> Text:
    how = Text("more than", "أكثر من") if rung.strict else Text("at least", "ما لا يقل عن")
    fraction = f"{rung.numerator}/{rung.denominator}"
    return Text(
        f"convening {number}: {how.en} {fraction} of {of.en}, after a wait of"
        f" {rung.wait_minutes} minutes at most",
        f"الانعقاد {number}: {how.ar} {fraction} من {of.ar}، بعد انتظار لا يتجاوز"
        f" {rung.wait_minutes} دقيقة",
    )
