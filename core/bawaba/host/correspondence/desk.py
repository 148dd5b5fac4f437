"""The host's correspondence: who speaks for which agency, and how a letter goes there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bawaba.correspondence import Answer, Correspondent, Letter
from bawaba.runtime import correlation_id, now


class Correspondence:
    """Implements :class:`bawaba.correspondence.CorrespondencePort`."""

    def __init__(self, correspondents: Sequence[Correspondent]) -> None:
        self._by_agency = {entry.agency: entry for entry in correspondents}

    async def send(
        self, agency: str, kind: str, body: Mapping[str, Any], key: str
    ) -> Mapping[str, Any]:
        """Hand the letter to the simulated agency."""
        return await _taken(self._by_agency[agency].simulated, agency, kind, body, key)

    async def send_as_agency(
        self, agency: str, kind: str, body: Mapping[str, Any], key: str
    ) -> Mapping[str, Any]:
        """Hand the letter to the platform."""
        return await _taken(self._by_agency[agency].takes, agency, kind, body, key)


async def _taken(
    answers: Mapping[str, Answer], agency: str, kind: str, body: Mapping[str, Any], key: str
) -> Mapping[str, Any]:
    letter = Letter(agency, kind, body, key, correlation_id(), now())
    return await answers[kind](letter)
