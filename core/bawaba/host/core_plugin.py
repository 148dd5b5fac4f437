"""Core as a plugin of itself: what its rooms declare, in the words every plugin uses.

It is the one plugin without a prefix; everything else about it is ordinary.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bawaba import __version__
from bawaba.errors import Refusal
from bawaba.host import health
from bawaba.host.audit import declarations as audit
from bawaba.host.catalogue import declarations as catalogue
from bawaba.host.identity import declarations as identity
from bawaba.host.jobs import declarations as jobs
from bawaba.host.live import declarations as live
from bawaba.host.payments import declarations as payments
from bawaba.host.schema import roots
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

_ROOMS = (roots, health, identity, catalogue, audit, live, jobs, payments)


def _collect(name: str) -> list[Any]:
    return [item for room in _ROOMS for item in getattr(room, name, ())]


@hookimpl
def declare_manifest() -> Manifest:
    """Core itself."""
    return Manifest(name="bawaba", prefix="core", title=Text("Bawaba", "بوابة"), version=__version__)


@hookimpl
def declare_models() -> Models:
    """All rooms' models are one app."""
    return Models(module="bawaba.host.models", migrations="bawaba.host.migrations")


@hookimpl
def declare_permissions() -> Sequence[Permission]:
    """Collect the rooms' permissions."""
    return _collect("PERMISSIONS")


@hookimpl
def declare_roles() -> Sequence[Role]:
    """Collect the rooms' roles."""
    return _collect("ROLES")


@hookimpl
def declare_errors() -> Sequence[type[Refusal]]:
    """Collect the rooms' refusals."""
    return _collect("ERRORS")


@hookimpl
def declare_schema() -> Sequence[SchemaPart]:
    """Collect the rooms' root fields."""
    return _collect("SCHEMA_PARTS")


@hookimpl
def declare_core_fields() -> Sequence[CoreFields]:
    """Collect the fields that rooms add to each other's types."""
    return _collect("CORE_FIELDS")


@hookimpl
def declare_nodes() -> Sequence[NodeType]:
    """Collect the rooms' node loaders."""
    return _collect("NODES")


@hookimpl
def declare_accounts() -> Sequence[Account]:
    """Collect the rooms' ledger accounts."""
    return _collect("ACCOUNTS")


@hookimpl
def declare_jobs() -> Sequence[Job]:
    """Collect the rooms' jobs."""
    return _collect("JOBS")


@hookimpl
def declare_routes() -> Sequence[Route]:
    """Collect the rooms' pages and endpoints."""
    return _collect("ROUTES")


@hookimpl
def declare_health_checks() -> Sequence[HealthCheck]:
    """Collect the rooms' health checks."""
    return _collect("HEALTH_CHECKS")


@hookimpl
def declare_machines() -> Sequence[Machine]:
    """Collect the rooms' state machines."""
    return _collect("MACHINES")


@hookimpl
def declare_demo_people() -> Sequence[DemoPerson]:
    """Collect the rooms' demo people."""
    return _collect("DEMO_PEOPLE")
