"""What both ends of a letter work with: who is who, their keys, who answers what, how long."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from prometheus_client import CollectorRegistry

from bawaba.correspondence import Answer, Line
from bawaba.host.correspondence.domain import PLATFORM
from bawaba.host.correspondence.door import Door
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
        addresses: where the real ones take letters.
        simulated: those that live here; an agency that is neither is told nothing yet.
        door: what strangers can make the platform do.
        window: how old a letter may be.
        patience: seconds that an answer may take.
        body_patience: seconds in which the body of a letter must arrive.
    """

    agencies: Mapping[str, AgencyDesk]
    addresses: Mapping[str, str]
    simulated: Collection[str]
    keyring: Keyring
    partners: Partners
    window: dt.timedelta
    patience: float
    body_patience: float
    metrics: LetterMetrics
    door: Door

    def is_simulated(self, agency: str) -> bool:
        """Return whether the agency lives here: in the demo without an address, else if chosen."""
        return agency in self.simulated

    def is_connected(self, agency: str) -> bool:
        """Return whether letters to the agency can be sent."""
        return agency in self.addresses or agency in self.simulated

    def unconnected(self) -> list[str]:
        """Return the agencies that plugins speak for and letters cannot be sent to."""
        return [agency for agency in sorted(self.agencies) if not self.is_connected(agency)]

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

    def check(self) -> None:
        """Pass, if every party has its keys.

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
        simulated=_simulated(settings, agencies),
        keyring=Keyring(folder, makes=settings.demo, grace=grace),
        partners=Partners(partners),
        window=dt.timedelta(seconds=settings.correspondence_window),
        patience=settings.correspondence_timeout,
        body_patience=settings.body_timeout,
        metrics=LetterMetrics(metrics),
        door=Door(settings.correspondence_tries, settings.correspondence_at_once),
    )


def _simulated(settings: Settings, agencies: Collection[str]) -> frozenset[str]:
    """Return who is simulated: outside the demo nobody whom the operator did not name."""
    if not settings.demo:
        return frozenset(settings.correspondence_simulated)
    return frozenset(agencies) - set(settings.correspondence_addresses)
