"""The tariffs that ship with the package."""

from __future__ import annotations

import datetime as dt
import functools
import tomllib
from importlib.resources import files

from bawaba_bahrain_post.domain import BoxTerms, Tariffs
from bawaba_bahrain_post.rules.tariffs import in_force, read


@functools.cache
def tariffs() -> Tariffs:
    """Return the tariffs of ``tariffs.toml``, read once."""
    text = files("bawaba_bahrain_post").joinpath("tariffs.toml").read_text(encoding="utf-8")
    return read(tomllib.loads(text))


def box_terms(expires_on: dt.date) -> BoxTerms:
    """Return the terms for a box whose last paid day is ``expires_on``.

    Raises:
        LookupError: the tariffs have a gap there.
    """
    terms = in_force(tariffs().box_terms, expires_on)
    if terms is None:
        raise LookupError(f"no terms for boxes that expire on {expires_on}")
    return terms
