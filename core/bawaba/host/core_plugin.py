"""Core as a plugin of itself: what its rooms declare, in the words every plugin uses.

It is the one plugin without a prefix; everything else about it is ordinary.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from bawaba import __version__
from bawaba.errors import Refusal
from bawaba.host.audit import declarations as audit
from bawaba.host.catalogue import declarations as catalogue
from bawaba.host.correspondence import declarations as correspondence
from bawaba.host.files import declarations as files
from bawaba.host.idempotency import declarations as idempotency
from bawaba.host.identity import declarations as identity
from bawaba.host.jobs import declarations as jobs
from bawaba.host.live import declarations as live
from bawaba.host.notifications import declarations as notifications
from bawaba.host.payments import declarations as payments
from bawaba.host.schema import roots
from bawaba.host.settings import Settings
from bawaba.jobs import Job
from bawaba.ledger import Account
from bawaba.plugin import (
    CoreFields,
    DemoPerson,
    HealthCheck,
    Machine,
    Manifest,
    Models,
    NodeType,
    Permission,
    Role,
    Route,
    SchemaPart,
    hookimpl,
)
from bawaba.text import Text

_ROOMS = (
    *(roots, identity, catalogue, audit, live, jobs),
    *(idempotency, files, notifications, payments, correspondence),
)


def _collect(name: str) -> list[Any]:
    """Return what all rooms declare under ``name``."""
    return [item for room in _ROOMS for item in getattr(room, name, ())]


class CorePlugin:
    """The hooks of core. Periods of retention come from the settings."""

    __name__ = "bawaba.host.core_plugin"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @hookimpl
    def declare_manifest(self) -> Manifest:
        """Core itself."""
        return Manifest("bawaba", "core", Text("Bawaba", "بوابة"), __version__)

    @hookimpl
    def declare_models(self) -> Models:
        """All rooms' models are one app."""
        return Models("bawaba.host.models", "bawaba.host.migrations")

    @hookimpl
    def declare_permissions(self) -> Sequence[Permission]:
        """Collect the rooms' permissions."""
        return _collect("PERMISSIONS")

    @hookimpl
    def declare_roles(self) -> Sequence[Role]:
        """Collect the rooms' roles."""
        return _collect("ROLES")

    @hookimpl
    def declare_errors(self) -> Sequence[type[Refusal]]:
        """Collect the rooms' refusals."""
        return _collect("ERRORS")

    @hookimpl
    def declare_schema(self) -> Sequence[SchemaPart]:
        """Collect the rooms' root fields."""
        return _collect("SCHEMA_PARTS")

    @hookimpl
    def declare_core_fields(self) -> Sequence[CoreFields]:
        """Collect the fields that rooms add to core types."""
        return _collect("CORE_FIELDS")

    @hookimpl
    def declare_nodes(self) -> Sequence[NodeType]:
        """Collect the rooms' node loaders."""
        return _collect("NODES")

    @hookimpl
    def declare_accounts(self) -> Sequence[Account]:
        """Collect the rooms' ledger accounts; gateways' clearing accounts are made at boot."""
        return _collect("ACCOUNTS")

    @hookimpl
    def declare_jobs(self) -> Sequence[Job]:
        """Collect the rooms' jobs."""
        settings = self._settings
        return [
            *_collect("JOBS"),
            *notifications.jobs(settings),
            *idempotency.jobs(dt.timedelta(seconds=settings.idempotency_retention)),
        ]

    @hookimpl
    def declare_routes(self) -> Sequence[Route]:
        """Collect the rooms' pages and endpoints."""
        return _collect("ROUTES")

    @hookimpl
    def declare_health_checks(self) -> Sequence[HealthCheck]:
        """Collect the rooms' health checks."""
        return _collect("HEALTH_CHECKS")

    @hookimpl
    def declare_machines(self) -> Sequence[Machine]:
        """Collect the rooms' state machines."""
        return _collect("MACHINES")

    @hookimpl
    def declare_demo_people(self) -> Sequence[DemoPerson]:
        """Collect the rooms' demo people."""
        return _collect("DEMO_PEOPLE")
