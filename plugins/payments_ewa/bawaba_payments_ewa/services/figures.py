"""The rules that ship with the package, and those that apply to an account."""

from __future__ import annotations

import datetime as dt
import functools
import tomllib
from importlib.resources import files
from typing import TypeVar

from bawaba_payments_ewa.domain import DunningRule, EwaTariffClass, PartRule, PlanRule, Rules
from bawaba_payments_ewa.rules import data

RuleT = TypeVar("RuleT")


@functools.cache
def rules() -> Rules:
    """Return the rules of ``tariffs.toml``, read once."""
    text = files("bawaba_payments_ewa").joinpath("tariffs.toml").read_text(encoding="utf-8")
    return data.read_rules(tomllib.loads(text))


def who(tariff_class: str, *, subsidised: bool) -> str:
    """Return what the rules call such an account."""
    return data.who(EwaTariffClass(tariff_class), subsidised=subsidised)


def dunning_rule(day: dt.date) -> DunningRule:
    """Return the dunning rule in force.

    Raises:
        LookupError: there is none on this day.
    """
    return _found(data.in_force(rules().dunning, day), day)


def plan_rule(day: dt.date) -> PlanRule:
    """Return the rule of fixed billing in force.

    Raises:
        LookupError: there is none on this day.
    """
    return _found(data.in_force(rules().plans, day), day)


def part_rule(account: str, day: dt.date) -> PartRule | None:
    """Return the rule of part payment in force for such accounts."""
    return data.in_force(data.applying(rules().parts, account), day)


def _found(rule: RuleT | None, day: dt.date) -> RuleT:
    if rule is None:
        raise LookupError(f"no rule is in force on {day}")
    return rule
