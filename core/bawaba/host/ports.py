"""The runtime that the host binds: every port that the door's verbs reach for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar, cast

from bawaba.audit import AuditPort
from bawaba.calendar import Announcements
from bawaba.catalogue import CataloguePort
from bawaba.correspondence import CorrespondencePort
from bawaba.files import FilePort
from bawaba.host.health import Health
from bawaba.host.registry import Registry
from bawaba.host.server.limits import Attempts
from bawaba.jobs import JobPort
from bawaba.ledger import Ledger
from bawaba.live import LivePort
from bawaba.people import PeoplePort
from bawaba.runtime import Clock, Ids
from bawaba.settlement import Movement
from bawaba.text import Text

SettingsT = TypeVar("SettingsT")


class PaymentPort(Protocol):
    """What other plugins may ask of core's payments."""

    async def is_settled(self, service: str, bill_id: str) -> bool:
        """See :func:`bawaba.payments.is_settled`."""
        ...

    async def refund_bill(self, service: str, bill_id: str, reason: Text) -> str | None:
        """See :func:`bawaba.payments.refund_bill`."""
        ...

    async def movements(
        self, gateway: str, references: Sequence[str], payment_ids: Sequence[str]
    ) -> Sequence[Movement]:
        """See :func:`bawaba.settlement.movements`."""
        ...


@dataclass(kw_only=True)
class Runtime:
    """One host's clock, ids, settings and ports. Bound by :func:`bawaba.runtime.bound`."""

    clock: Clock
    ids: Ids
    timezone: str
    public_url: str
    data_dir: str
    demo: bool
    ledger: Ledger
    live: LivePort
    jobs: JobPort
    audit: AuditPort
    payments: PaymentPort
    catalogue: CataloguePort
    registry: Registry
    health: Health
    people: PeoplePort = cast("PeoplePort", None)  # noqa: RUF009  tests of other ports have none
    correspondence: CorrespondencePort = cast(  # noqa: RUF009  tests of other ports have none
        "CorrespondencePort", None
    )
    files: FilePort = cast("FilePort", None)  # noqa: RUF009  tests of other ports have none
    announced: Announcements | None = None
    attempts: Attempts = field(default_factory=Attempts)
    plugin_settings_by_type: Mapping[type, Any] = field(default_factory=dict)

    def plugin_settings(self, kind: type[SettingsT]) -> SettingsT:
        """Return the settings object of class ``kind``."""
        found: SettingsT = self.plugin_settings_by_type[kind]
        return found
