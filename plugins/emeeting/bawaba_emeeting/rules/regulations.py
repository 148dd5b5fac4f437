"""The rules of procedure: as data, amended from a moment on, and said in a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from bawaba.text import Text

from bawaba_emeeting.domain import (
    MAX_MEMBERS,
    MAX_WAIT,
    Convening,
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
_NAMES = frozenset(f.name for f in fields(Rules))
MAX_LADDER = 5
Change = Mapping[str, Any]
"""What an amendment changes, as JSON: names of fields of Rules."""


def compose(changes: Iterable[Change], start: Rules | None = None) -> Rules:
    """Return the rules after amendments, oldest first."""
    rules = start or Rules()
    for change in changes:
        rules = replace(rules, **{name: _read(name, value) for name, value in change.items()})
    return rules


def _read(name: str, value: Any) -> Any:
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
            value = [{f.name: getattr(rung, f.name) for f in fields(Convening)} for rung in value]
        found[name] = value.value if name in _ENUMS else value
    return found


def amended_ladder(
    ladder: Sequence[Convening],
    numerator: int | None,
    denominator: int | None,
    strict: bool | None,  # noqa: FBT001  None: as it was
    wait_minutes: int | None,
) -> tuple[Convening, ...]:
    """Return the ladder with a new first rung; a later one that would ask for more goes."""
    first = ladder[0]
    changed = Convening(
        first.numerator if numerator is None else numerator,
        first.denominator if denominator is None else denominator,
        strict=first.strict if strict is None else strict,
        wait_minutes=first.wait_minutes if wait_minutes is None else wait_minutes,
    )
    rest = [
        rung
        for rung in ladder[1:]
        if rung.numerator * changed.denominator <= changed.numerator * rung.denominator
    ]
    return (changed, *rest)


def check(rules: Rules) -> None:
    """Pass, or refuse rules that no council could keep.

    Raises:
        BadRules: a fraction that is none, or a wait or a number out of range.
    """
    fits = 1 <= len(rules.ladder) <= MAX_LADDER and 0 <= rules.proxies_per_holder <= MAX_MEMBERS
    if not fits or not all(_possible(rung) for rung in rules.ladder):
        raise BadRules("quorumNumerator")


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
    return Text("; ".join(p.en for p in parts) + ".", "؛ ".join(p.ar for p in parts) + ".")


def _rung(rung: Convening, number: int, of: Text) -> Text:
    how = Text("more than", "أكثر من") if rung.strict else Text("at least", "ما لا يقل عن")
    fraction = f"{rung.numerator}/{rung.denominator}"
    return Text(
        f"convening {number}: {how.en} {fraction} of {of.en}, after a wait of"
        f" {rung.wait_minutes} minutes at most",
        f"الانعقاد {number}: {how.ar} {fraction} من {of.ar}، بعد انتظار لا يتجاوز"
        f" {rung.wait_minutes} دقيقة",
    )


def with_ladder(rules: Rules, ladder: tuple[Convening, ...]) -> Rules:
    """Return the rules with another ladder."""
    return replace(rules, ladder=ladder)
