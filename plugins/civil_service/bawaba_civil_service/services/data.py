"""The fees and accrual rules that ship with the package."""

from __future__ import annotations

import functools
import tomllib
from importlib.resources import files
from typing import Any

from bawaba_civil_service.domain import Accrual, Fee
from bawaba_civil_service.rules.dated import read_accruals, read_fees


@functools.cache
def fees() -> tuple[Fee, ...]:
    """Return the fees of ``fees.toml``, read once."""
    return read_fees(_parsed("fees.toml"))


@functools.cache
def accruals() -> tuple[Accrual, ...]:
    """Return the accrual rules of ``leave.toml``, read once."""
    return read_accruals(_parsed("leave.toml"))


def _parsed(name: str) -> dict[str, Any]:
    return tomllib.loads(files("bawaba_civil_service").joinpath(name).read_text(encoding="utf-8"))
