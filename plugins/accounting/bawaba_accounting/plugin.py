"""The accounting plugin: a table of contents."""

from __future__ import annotations

import datetime as dt

from bawaba.jobs import Job
from bawaba.plugin import Command, HealthCheck, Manifest, Models, NodeType, SchemaPart, hookimpl
from bawaba.text import Text

from bawaba_accounting import commands, refusals, settings
from bawaba_accounting.graphql import books, statistics
from bawaba_accounting.graphql import treasury as treasury_graphql
from bawaba_accounting.pages import transparency
from bawaba_accounting.services import health, history, importing, offer, treasury, verify
from bawaba_accounting.services.record import BooksLedger

MANIFEST = Manifest(
    name="accounting",
    prefix="accounting",
    title=Text("Shared transaction accounting", "المحاسبة المشتركة للمعاملات"),
    version="0.1.0",
)
MODELS = Models("bawaba_accounting.models", "bawaba_accounting.migrations")
SCHEMA = (
    SchemaPart(query=statistics.StatisticsQueries, subscription=statistics.StatisticsSubscriptions),
    SchemaPart(query=books.BooksQueries),
    *treasury_graphql.SCHEMA,
)
NODES = (
    NodeType("AccountingJournal", books.journal_nodes),
    NodeType("AccountingEntry", books.entry_nodes),
    *treasury_graphql.NODES,
)
JOBS = (
    Job(
        "accounting.verify",
        verify.run,
        every=dt.timedelta(minutes=15),
        lease=dt.timedelta(hours=1),
    ),
    Job(history.CHECK, verify.run, lease=dt.timedelta(hours=1)),
    *treasury.JOBS,
)
COMMANDS = (
    Command(
        "accounting",
        "import",
        commands.import_history,
        "Bring history forward from a CSV file; refused lines go to FILE.rejects.csv.",
    ),
    Command(
        "accounting",
        "verify",
        commands.verify,
        "Check the books; exit 1 and name the first broken journal where they are not intact.",
    ),
    commands.EXPORT,
    *commands.TREASURY,
)
HEALTH_CHECKS = (HealthCheck("ledger", health.ledger_answers),)
LEDGER = BooksLedger()

declare_manifest = hookimpl(lambda: MANIFEST)
declare_settings = hookimpl(lambda: settings.AccountingSettings)
declare_models = hookimpl(lambda: MODELS)
declare_permissions = hookimpl(lambda: offer.PERMISSIONS)
declare_roles = hookimpl(lambda: offer.ROLES)
declare_errors = hookimpl(lambda: refusals.REFUSALS)
declare_schema = hookimpl(lambda: SCHEMA)
declare_nodes = hookimpl(lambda: NODES)
declare_accounts = hookimpl(lambda: (*importing.ACCOUNTS, *treasury.ACCOUNTS))
declare_jobs = hookimpl(lambda: JOBS)
declare_machines = hookimpl(lambda: treasury.MACHINES)
declare_commands = hookimpl(lambda: COMMANDS)
declare_routes = hookimpl(transparency.routes)
declare_health_checks = hookimpl(lambda: HEALTH_CHECKS)
declare_demo_people = hookimpl(lambda: offer.PEOPLE)
provide_ledger = hookimpl(lambda: LEDGER)
on_demo_load = hookimpl(history.load)
