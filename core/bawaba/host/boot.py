"""Boot: plugins and settings in, a checked set of parts out (:class:`~bawaba.host.host.Host`)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from prometheus_client import CollectorRegistry
from pydantic import ValidationError

from bawaba.errors import BootError
from bawaba.host.audit import AuditTrail
from bawaba.host.catalogue import Catalogue
from bawaba.host.clock import SystemClock, TimeOrderedIds
from bawaba.host.core_plugin import CorePlugin
from bawaba.host.correspondence.declared import declared_agencies
from bawaba.host.correspondence.desk import Correspondence
from bawaba.host.correspondence.office import office_of
from bawaba.host.files.declared import declared_purposes
from bawaba.host.files.desk import Files
from bawaba.host.files.storage import ObjectStore
from bawaba.host.health import Health
from bawaba.host.host import Host, Parts
from bawaba.host.identity import identity_of
from bawaba.host.identity.people import People
from bawaba.host.jobs.queue import JobQueue
from bawaba.host.jobs.worker import Worker
from bawaba.host.live.service import Live, broker_for
from bawaba.host.payments.desk import Deadlines
from bawaba.host.payments.port import Payments
from bawaba.host.payments.settler import Settler
from bawaba.host.ports import Runtime
from bawaba.host.registry import Registry, discover, load
from bawaba.host.schema.compose import ComposedSchema, compose
from bawaba.host.schema.engine import Engine
from bawaba.host.schema.guards import Limits
from bawaba.host.schema.prepared import TrustedDocuments
from bawaba.host.server.sessions import Sessions
from bawaba.host.settings import Settings
from bawaba.host.storage.database import Database, ModelApp
from bawaba.host.streams.broadcast import Broadcasts
from bawaba.ledger import Ledger
from bawaba.runtime import Clock, Ids

__all__ = ["build", "discover", "load_registry", "model_apps"]


def load_registry(modules: Mapping[str, Any], settings: Settings | None = None) -> Registry:
    """Return core and the given plugins, asked and checked.

    Raises:
        BootError: names the plugin, the element and the mend.
    """
    return load({"bawaba": CorePlugin(settings or Settings()), **modules})


def model_apps(registry: Registry) -> list[ModelApp]:
    """Return every app of models, core's first. A plugin's label is its prefix."""
    return [
        ModelApp(plugin.manifest.prefix, models.module, models.migrations)
        for plugin, models in registry.ones("declare_models")
    ]


def build(  # noqa: PLR0913  one argument a part that a test may bring
    settings: Settings,
    *,
    modules: Mapping[str, Any] | None = None,
    clock: Clock | None = None,
    ids: Ids | None = None,
    ledger: Ledger | None = None,
    schema: ComposedSchema | None = None,
) -> Host:
    """Return a host that is composed and checked, and not yet open.

    Args:
        modules: the plugins; None: every installed one. The other arguments are for tests.

    Raises:
        BootError: names the plugin, the element and the mend.
    """
    registry = _registry(settings, modules)
    metrics, unit = CollectorRegistry(), _LateUnit()
    live, correspondence = _live(settings, unit, metrics), _letters(settings, registry, metrics)
    queue, payments = JobQueue(registry.all("declare_jobs")), _payments(settings, registry)
    identity = identity_of(settings, registry.all("declare_roles"))
    runtime = Runtime(
        clock=clock or SystemClock(),
        ids=ids or TimeOrderedIds(),
        timezone=settings.timezone,
        public_url=settings.public,
        data_dir=str(settings.data_dir),
        demo=settings.demo,
        ledger=ledger or _ledger(registry),
        live=live,
        jobs=queue,
        audit=AuditTrail(),
        payments=payments,
        catalogue=Catalogue(registry),
        announced=registry.provider("provide_holidays", needed_by=None),
        registry=registry,
        health=Health(registry),
        people=People(registry.all("declare_roles")),
        files=_files(settings, registry),
        correspondence=correspondence,
        plugin_settings_by_type=_plugin_settings(registry),
    )
    host = Host(
        settings=settings,
        runtime=runtime,
        database=_database(settings, registry),
        engine=_engine(settings, schema or compose(registry)),
        metrics=metrics,
        parts=Parts(
            live=live,
            worker=Worker(queue, unit, metrics),
            settler=Settler(payments, unit, metrics),
            identity=identity,
            sessions=Sessions(identity, unit),
            broadcasts=Broadcasts(live.hub, unit, live.metrics),
            correspondence=correspondence,
        ),
    )
    return unit.of(host)


def _registry(settings: Settings, modules: Mapping[str, Any] | None) -> Registry:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    return load_registry(discover() if modules is None else modules, settings)


def _engine(settings: Settings, schema: ComposedSchema) -> Engine:
    trusted = None
    if settings.trusted_documents is not None:
        trusted = TrustedDocuments(settings.trusted_documents, schema._schema)  # noqa: SLF001
    return Engine(
        schema,
        introspection=settings.open(settings.introspection),
        suggestions=settings.open(settings.suggestions),
        limits=Limits(
            characters=settings.max_characters,
            tokens=settings.max_tokens,
            depth=settings.max_depth,
            aliases=settings.max_aliases,
            root_fields=settings.max_root_fields,
            directives=settings.max_directives,
            cost=settings.max_cost,
        ),
        trusted=trusted,
    )


class _LateUnit:
    """The host's unit of work, named before the host is there."""

    enter: Any = None

    def __call__(self) -> Any:
        return self.enter()

    def of(self, host: Host) -> Host:
        """Take the unit of ``host`` from here on."""
        self.enter = host.unit
        return host


def _payments(settings: Settings, registry: Registry) -> Payments:
    return Payments(
        payables=registry.all("declare_payables"),
        gateways=registry.all("declare_gateways"),
        default_gateway=settings.default_gateway,
        expiry=dt.timedelta(seconds=settings.payment_expiry),
        approval_above_fils=settings.refund_approval_above,
        deadlines=Deadlines(
            agency=settings.agency_deadline,
            bills=settings.bills_deadline,
            gateway=settings.gateway_deadline,
        ),
    )


def _letters(settings: Settings, registry: Registry, metrics: CollectorRegistry) -> Correspondence:
    agencies = declared_agencies(registry, settings)
    return Correspondence(office_of(settings, agencies, metrics))


def _files(settings: Settings, registry: Registry) -> Files:
    store = ObjectStore.at(settings.files_url, settings.data_dir.resolve() / "files")
    return Files(declared_purposes(registry), store)


def _live(settings: Settings, unit: _LateUnit, metrics: CollectorRegistry) -> Live:
    broker = broker_for(settings.redis_url, settings.redis_prefix)
    retention = dt.timedelta(seconds=settings.outbox_retention)
    return Live(broker, unit, metrics, retention=retention)


def _database(settings: Settings, registry: Registry) -> Database:
    return Database(
        settings.database,
        model_apps(registry),
        pool_size=settings.database_pool,
        statement_timeout=settings.statement_timeout,
    )


def _ledger(registry: Registry) -> Any:
    """Return the one ledger; bills cannot be settled without one."""
    needing = next((plugin.name for plugin, _ in registry.each("declare_payables")), None)
    return registry.provider("provide_ledger", needed_by=needing)


def _plugin_settings(registry: Registry) -> dict[type, Any]:
    found: dict[type, Any] = {}
    for plugin, kind in registry.ones("declare_settings"):
        try:
            found[kind] = kind()
        except ValidationError as error:
            problem = "; ".join(
                f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()
            )
            raise BootError(plugin.name, "settings", problem, "see `bawaba settings`") from error
    return found
