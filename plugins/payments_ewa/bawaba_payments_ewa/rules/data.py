"""Reading the rules' file, and which entry is in force for whom on a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeVar

from bawaba.text import Text

from bawaba_payments_ewa.domain import (
    Charge,
    DunningRule,
    EwaLineKind,
    EwaTariffClass,
    PartRule,
    PlanRule,
    Rules,
    Scale,
    Tier,
    Utility,
    Vat,
)

SUBSIDISED = "SUBSIDISED"
"""What tariffs call a citizen's first home."""


class Dated(Protocol):
    """An entry with a first day in force."""

    @property
    def since(self) -> dt.date:
        """The first day in force."""
        ...


EntryT = TypeVar("EntryT", bound=Dated)


def who(tariff_class: EwaTariffClass, *, subsidised: bool) -> str:
    """Return what tariffs call such an account; a commercial one is never subsidised."""
    if subsidised and tariff_class is EwaTariffClass.DOMESTIC:
        return SUBSIDISED
    return tariff_class.value


def applying(entries: Sequence[Any], account: str) -> list[Any]:
    """Return the entries that apply to such accounts, oldest first."""
    found = [entry for entry in entries if account in entry.applies_to]
    return sorted(found, key=lambda entry: entry.since)


def in_force(entries: Sequence[EntryT], day: dt.date) -> EntryT | None:
    """Return the newest of the entries that began on or before ``day``."""
    begun = [entry for entry in entries if entry.since <= day]
    return max(begun, key=lambda entry: entry.since, default=None)


def read_rules(data: Mapping[str, Any]) -> Rules:
    """Return the rules of a parsed file.

    Raises:
        ValueError: tiers or days are out of order, a figure is negative, or two entries of the
            same kind begin on one day for the same accounts.
    """
    rules = Rules(
        scales=[_scale(entry) for entry in data["scale"]],
        charges=[_charge(entry) for entry in data["charge"]],
        vat=[Vat(**_for_whom(entry)) for entry in data["vat"]],
        dunning=[DunningRule(**entry) for entry in data["dunning"]],
        parts=[PartRule(**_for_whom(entry)) for entry in data["part"]],
        plans=[PlanRule(**entry) for entry in data["plan"]],
    )
    for scale in rules.scales:
        _check_tiers(scale)
    for rule in rules.dunning:
        if not 0 < rule.remind_day < rule.final_day < rule.disconnect_day:
            raise ValueError(f"dunning since {rule.since}: the days are out of order")
        if rule.disconnect_from >= rule.disconnect_until:
            raise ValueError(f"dunning since {rule.since}: the hours are out of order")
        if rule.gap_days < 1 or rule.stops not in {"OVERDUE", "ALL"}:
            raise ValueError(f"dunning since {rule.since}: a gap of a day, OVERDUE or ALL")
    for part in rules.parts:
        if part.least_fils < 1 or part.advance_months < 0 or part.advance_fils < 0:
            raise ValueError(f"part payment since {part.since}: a figure is negative")
    for plan in rules.plans:
        if plan.months < 1 or plan.least_history < 1 or plan.round_up_fils < 1:
            raise ValueError(f"fixed billing since {plan.since}: a figure is below one")
    _no_doubles([(s.since, s.utility.value, a) for s in rules.scales for a in s.applies_to])
    _no_doubles([(c.since, c.kind.value, a) for c in rules.charges for a in c.applies_to])
    _no_doubles([(v.since, "VAT", a) for v in rules.vat for a in v.applies_to])
    _no_doubles([(p.since, "part", a) for p in rules.parts for a in p.applies_to])
    return rules


def _for_whom(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {**entry, "applies_to": frozenset(entry["applies_to"])}


def _scale(entry: Mapping[str, Any]) -> Scale:
    return Scale(
        utility=Utility(entry["utility"]),
        applies_to=frozenset(entry["applies_to"]),
        since=entry["since"],
        tiers=[Tier(tier.get("upto"), tier["rate"]) for tier in entry["tiers"]],
        source=entry["source"],
    )


def _charge(entry: Mapping[str, Any]) -> Charge:
    return Charge(
        kind=EwaLineKind(entry["kind"]),
        applies_to=frozenset(entry["applies_to"]),
        since=entry["since"],
        name=Text(entry["en"], entry["ar"]),
        fils=entry.get("fils", 0),
        percent=entry.get("percent", 0),
        source=entry["source"],
    )


def _check_tiers(scale: Scale) -> None:
    limits = [tier.upto for tier in scale.tiers]
    bounded = [limit for limit in limits if limit is not None]
    if not limits or limits[-1] is not None or len(bounded) != len(limits) - 1:
        raise ValueError(f"{scale.utility.value} since {scale.since}: the last tier has no limit")
    if bounded != sorted(set(bounded)) or any(tier.rate < 0 for tier in scale.tiers):
        raise ValueError(f"{scale.utility.value} since {scale.since}: the tiers are out of order")


def _no_doubles(keys: Sequence[tuple[dt.date, str, str]]) -> None:
    if len(set(keys)) != len(keys):
        double = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"two entries of {double[1]} begin on {double[0]} for {double[2]}")
