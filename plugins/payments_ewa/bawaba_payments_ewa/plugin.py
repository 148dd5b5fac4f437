"""The electricity and water plugin: a table of contents."""

from __future__ import annotations

import datetime as dt

from bawaba.jobs import Job
from bawaba.plugin import Command, HealthCheck, Machine, Manifest, Models, hookimpl
from bawaba.text import Text

from bawaba_payments_ewa import domain, gateway, graphql, refusals, settings
from bawaba_payments_ewa.gateway import simulator
from bawaba_payments_ewa.services import (
    commands,
    demo,
    dunning,
    letters,
    offer,
    payable,
    rounds,
)

MANIFEST = Manifest(
    name="payments-ewa",
    prefix="ewa",
    title=Text("Electricity and water", "الكهرباء والماء"),
    version="0.1.0",
)
MODELS = Models("bawaba_payments_ewa.models", "bawaba_payments_ewa.migrations")
JOBS = (
    Job(dunning.ADVANCE, dunning.advance, every=dt.timedelta(hours=1)),
    Job(rounds.ORDER, dunning.carry_out, attempts=20),
    Job(letters.POST, letters.post, attempts=20),
)
COMMANDS = (
    simulator.SIMULATION.command("ewa"),
    Command("ewa", "bill", commands.bill, "Let the simulated authority send an account's bill."),
)
HEALTH_CHECKS = (HealthCheck("authority", gateway.reachable),)
MACHINES = (
    Machine(domain.BILL, Text("A bill.", "فاتورة.")),
    Machine(domain.DUNNING, Text("The dunning of an account.", "تحصيل متأخرات حساب.")),
    Machine(domain.PLAN, Text("How an account is billed.", "طريقة فوترة حساب.")),
)

declare_manifest = hookimpl(lambda: MANIFEST)
declare_settings = hookimpl(lambda: settings.EwaSettings)
declare_models = hookimpl(lambda: MODELS)
declare_permissions = hookimpl(lambda: offer.PERMISSIONS)
declare_roles = hookimpl(lambda: offer.ROLES)
declare_errors = hookimpl(lambda: refusals.REFUSALS)
declare_schema = hookimpl(lambda: graphql.SCHEMA)
declare_core_fields = hookimpl(lambda: graphql.CORE_FIELDS)
declare_nodes = hookimpl(lambda: graphql.NODES)
declare_agencies = hookimpl(lambda: offer.AGENCIES)
declare_services = hookimpl(lambda: offer.SERVICES)
declare_payables = hookimpl(lambda: (payable.EwaPayable(graphql.show_bills),))
declare_accounts = hookimpl(lambda: offer.ACCOUNTS)
declare_correspondents = hookimpl(lambda: offer.CORRESPONDENTS)
declare_jobs = hookimpl(lambda: JOBS)
declare_commands = hookimpl(lambda: COMMANDS)
declare_health_checks = hookimpl(lambda: HEALTH_CHECKS)
declare_machines = hookimpl(lambda: MACHINES)
declare_demo_people = hookimpl(lambda: demo.PEOPLE)
on_demo_load = hookimpl(demo.load)
