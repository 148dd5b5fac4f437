"""The traffic-fines plugin: a table of contents."""

from __future__ import annotations

from bawaba.files import Purpose
from bawaba.jobs import Job
from bawaba.plugin import HealthCheck, Machine, Manifest, Models, SchemaPart, hookimpl
from bawaba.text import Text

from bawaba_payments_traffic import domain, gateway, graphql
from bawaba_payments_traffic.gateway import letters, simulator
from bawaba_payments_traffic.services import demo, objections, offer, payable

MANIFEST = Manifest(
    name="payments-traffic",
    prefix="traffic",
    title=Text("Traffic fines", "المخالفات المرورية"),
    version="0.1.0",
)
MODELS = Models("bawaba_payments_traffic.models", "bawaba_payments_traffic.migrations")
SCHEMA = (SchemaPart(query=graphql.TrafficQuery, mutation=graphql.TrafficMutation),)
JOBS = (
    Job(payable.GIVE_BACK, payable.give_back),
    Job(objections.NOTIFY_CANCELLED, objections.notify_cancelled, attempts=20),
)
COMMANDS = (simulator.SIMULATION.command("traffic"),)
FILE_PURPOSES = (
    Purpose(
        name=objections.EVIDENCE,
        title=Text("Evidence for an objection", "إثبات لاعتراض"),
        permission="traffic.object",
        media_types=offer.EVIDENCE_TYPES,
        max_bytes=10_000_000,
        may_read=objections.readable,
    ),
)
HEALTH_CHECKS = (HealthCheck("directorate", gateway.reachable),)
MACHINES = (
    Machine(domain.FINE, Text("A traffic fine.", "مخالفة مرورية.")),
    Machine(domain.OBJECTION, Text("An objection to a fine.", "اعتراض على مخالفة.")),
)

declare_manifest = hookimpl(lambda: MANIFEST)
declare_settings = hookimpl(lambda: gateway.TrafficSettings)
declare_models = hookimpl(lambda: MODELS)
declare_permissions = hookimpl(lambda: offer.PERMISSIONS)
declare_roles = hookimpl(lambda: offer.ROLES)
declare_errors = hookimpl(lambda: domain.REFUSALS)
declare_schema = hookimpl(lambda: SCHEMA)
declare_nodes = hookimpl(lambda: graphql.NODES)
declare_agencies = hookimpl(lambda: offer.AGENCIES)
declare_services = hookimpl(lambda: offer.SERVICES)
declare_payables = hookimpl(lambda: (payable.TrafficPayable(graphql.show_fines),))
declare_correspondents = hookimpl(lambda: letters.CORRESPONDENTS)
declare_accounts = hookimpl(lambda: offer.ACCOUNTS)
declare_jobs = hookimpl(lambda: JOBS)
declare_file_purposes = hookimpl(lambda: FILE_PURPOSES)
declare_commands = hookimpl(lambda: COMMANDS)
declare_health_checks = hookimpl(lambda: HEALTH_CHECKS)
declare_machines = hookimpl(lambda: MACHINES)
declare_demo_people = hookimpl(lambda: demo.PEOPLE)
on_demo_load = hookimpl(demo.load)
