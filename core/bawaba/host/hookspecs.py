"""Every extension point of the platform, one sentence each.

``declare_*`` is synchronous, pure, called once at boot and returns frozen dataclasses.
``provide_*`` has one provider: two refuse to start; none refuses only where something loaded
needs it. ``on_*`` are awaited moments. There is no hook per business event: follow a topic, or
implement a port.
"""

from __future__ import annotations

from collections.abc import Sequence

import pluggy

from bawaba.calendar import Announcements
from bawaba.catalogue import Agency, Service
from bawaba.correspondence import Correspondent
from bawaba.errors import Refusal
from bawaba.files import Purpose
from bawaba.jobs import Job
from bawaba.ledger import Account, Ledger
from bawaba.payments import Gateway, Payable
from bawaba.plugin import (
    Command,
    CoreFields,
    DemoPerson,
    HealthCheck,
    Machine,
    Manifest,
    Membership,
    Models,
    NodeType,
    Permission,
    Progress,
    Role,
    Route,
    SchemaPart,
)
from bawaba.settlement import SettlementReader

hookspec = pluggy.HookspecMarker("bawaba")


@hookspec
def declare_manifest() -> Manifest:  # type: ignore[empty-body]
    """Say who the plugin is; the only hook that every plugin must implement."""


@hookspec
def declare_settings() -> type:  # type: ignore[empty-body]
    """Return a pydantic-settings class, read from ``BAWABA_<PREFIX>_*`` environment variables."""


@hookspec
def declare_models() -> Models:  # type: ignore[empty-body]
    """Name the module of Tortoise models and the package of their migrations."""


@hookspec
def declare_permissions() -> Sequence[Permission]:  # type: ignore[empty-body]
    """List the permissions that the plugin's fields name."""


@hookspec
def declare_roles() -> Sequence[Role]:  # type: ignore[empty-body]
    """List the roles that the plugin brings, each a set of permissions."""


@hookspec
def declare_errors() -> Sequence[type[Refusal]]:  # type: ignore[empty-body]
    """List the refusals of the plugin; they join the ``ErrorCode`` enum and the error catalogue."""


@hookspec
def declare_schema() -> Sequence[SchemaPart]:  # type: ignore[empty-body]
    """List the Strawberry classes whose fields join Query, Mutation and Subscription."""


@hookspec
def declare_core_fields() -> Sequence[CoreFields]:  # type: ignore[empty-body]
    """List the fields that the plugin adds to core types such as ``Person`` or ``Agency``."""


@hookspec
def declare_nodes() -> Sequence[NodeType]:  # type: ignore[empty-body]
    """Say how ``node(id)`` loads each of the plugin's types, and for whom."""


@hookspec
def declare_agencies() -> Sequence[Agency]:  # type: ignore[empty-body]
    """List the agencies that the plugin speaks for."""


@hookspec
def declare_services() -> Sequence[Service]:  # type: ignore[empty-body]
    """List the services that stand in the catalogue."""


@hookspec
def declare_payables() -> Sequence[Payable]:  # type: ignore[empty-body]
    """Return the services whose bills can be put in the basket."""


@hookspec
def declare_gateways() -> Sequence[Gateway]:  # type: ignore[empty-body]
    """Return the ways to pay that the plugin offers."""


@hookspec
def declare_settlement_readers() -> Sequence[SettlementReader]:  # type: ignore[empty-body]
    """Return how the settlement files of the plugin's gateways are got and read."""


@hookspec
def declare_correspondents() -> Sequence[Correspondent]:  # type: ignore[empty-body]
    """Name the agencies that the platform exchanges signed and sealed letters with.

    Each names what the platform does with letters from the agency, by kind, and what the simulated
    agency, which stands in for it in the demo, does with letters to it.
    """


@hookspec
def declare_accounts() -> Sequence[Account]:  # type: ignore[empty-body]
    """List the ledger accounts that the plugin's postings name."""


@hookspec
def declare_jobs() -> Sequence[Job]:  # type: ignore[empty-body]
    """List the kinds of background work, periodic ones included."""


@hookspec
def declare_file_purposes() -> Sequence[Purpose]:  # type: ignore[empty-body]
    """List the purposes for which people upload files to the plugin's objects."""


@hookspec
def declare_routes() -> Sequence[Route]:  # type: ignore[empty-body]
    """List pages and endpoints outside GraphQL."""


@hookspec
def declare_commands() -> Sequence[Command]:  # type: ignore[empty-body]
    """List command-line verbs."""


@hookspec
def declare_health_checks() -> Sequence[HealthCheck]:  # type: ignore[empty-body]
    """List what must work for the plugin to be healthy."""


@hookspec
def declare_machines() -> Sequence[Machine]:  # type: ignore[empty-body]
    """List the plugin's state machines, to be drawn into ``schema/machines``."""


@hookspec
def declare_memberships() -> Sequence[Membership]:  # type: ignore[empty-body]
    """Say to which bodies people belong, so that who manages accounts there manages theirs."""


@hookspec
def declare_demo_people() -> Sequence[DemoPerson]:  # type: ignore[empty-body]
    """List the people of the demo that the plugin needs."""


@hookspec
def provide_ledger() -> Ledger:  # type: ignore[empty-body]
    """Return the one ledger that records journals."""


@hookspec
def provide_holidays() -> Announcements:  # type: ignore[empty-body]
    """Return the one source of announced holidays; without it only those expected are known."""


@hookspec
async def on_demo_load(progress: Progress, transactions: int | None) -> None:
    """Fill the plugin's tables with demo data, once, idempotently; called in order of loading.

    ``transactions``: how many single transactions of the past are wanted, from ``bawaba demo load
    --transactions``; None: as the plugin thinks fit. Take only the arguments that you use. Raise
    :class:`bawaba.errors.BootError` where the number cannot be had.
    """
