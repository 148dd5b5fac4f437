"""What both ends of a letter work with: who is who, their keys, who answers what, how long."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from prometheus_client import CollectorRegistry

from bawaba.correspondence import Answer, Line
from bawaba.host.correspondence.domain import PLATFORM
from bawaba.host.correspondence.keyring import Keyring, OwnKeys, Partners, PublicKeys
from bawaba.host.correspondence.metrics import LetterMetrics
from bawaba.host.settings import Settings
from bawaba.runtime import now


@dataclass(frozen=True, slots=True)
class AgencyDesk:
    """Who answers letters from and to one agency, by kind, gathered over all plugins."""

    takes: Mapping[str, Answer] = field(default_factory=dict)
    simulated: Mapping[str, Answer] = field(default_factory=dict)
    lines: Mapping[str, Line] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Office:
    """One host's correspondence, as declared and as set.

    Args:
        agencies: the desk of each agency that a loaded plugin speaks for.
        addresses: where the real ones take letters; an agency without one is simulated here.
        window: how old a letter may be.
        patience: seconds that an answer may take.
        body_patience: seconds in which the body of a letter must arrive.
    """

    agencies: Mapping[str, AgencyDesk]
    addresses: Mapping[str, str]
    keyring: Keyring
    partners: Partners
    window: dt.timedelta
    patience: float
    body_patience: float
    metrics: LetterMetrics

    def is_simulated(self, agency: str) -> bool:
        """Return whether the agency lives here: spoken for, and without an address."""
        return agency in self.agencies and agency not in self.addresses

    def own(self, party: str) -> OwnKeys:
        """Return the private keys of a party that lives here.

        Raises:
            KeysMissing: there are none.
        """
        return self.keyring.of(party, now())

    def public(self, party: str) -> PublicKeys:
        """Return what is known of a party's keys.

        Raises:
            KeysMissing: nothing is.
        """
        if party == PLATFORM or self.is_simulated(party):
            return self.own(party)
        return self.partners.of(party)

    async def check(self) -> None:
        """Pass, if every party has its keys (a health check).

        Raises:
            KeysMissing: one has none.
        """
        if self.agencies:
            for party in (PLATFORM, *self.addresses):
                self.public(party)


def office_of(
    settings: Settings, agencies: Mapping[str, AgencyDesk], metrics: CollectorRegistry
) -> Office:
    """Return the office that the settings describe."""
    folder = settings.correspondence_keys or settings.data_dir / "correspondence"
    grace = dt.timedelta(seconds=settings.correspondence_grace)
    partners = settings.correspondence_partners or Path(folder) / "partners"
    return Office(
        agencies=agencies,
        addresses=settings.correspondence_addresses,
        keyring=Keyring(folder, makes=settings.demo, grace=grace),
        partners=Partners(partners),
        window=dt.timedelta(seconds=settings.correspondence_window),
        patience=settings.correspondence_timeout,
        body_patience=settings.body_timeout,
        metrics=LetterMetrics(metrics),
    )
