"""The civil service plugin: a table of contents."""

from __future__ import annotations

import datetime as dt

from bawaba.jobs import Job
from bawaba.plugin import HealthCheck, Machine, Manifest, Models, Route, hookimpl
from bawaba.text import Text

from bawaba_civil_service import domain, gateway, graphql, pages, refusals
from bawaba_civil_service.services import (
    commands,
    demo,
    holidays,
    issuing,
    leaves,
    letters,
    offer,
    payable,
    payslips,
    printing,
    recounting,
    requests,
)
from bawaba_civil_service.settings import CivilServiceSettings

MANIFEST = Manifest(
    name="civil-service",
    prefix="civilService",
    title=Text("Civil service employees", "موظفو الخدمة المدنية"),
    version="0.1.0",
)
MODELS = Models("bawaba_civil_service.models", "bawaba_civil_service.migrations")
JOBS = (
    Job(requests.ISSUE, issuing.issue, attempts=20, lease=dt.timedelta(minutes=2)),
    Job(payslips.PRINT_PAYSLIP, printing.print_payslip, lease=dt.timedelta(minutes=2)),
    Job(payable.GIVE_BACK, payable.give_back),
    Job(issuing.TELL_ISSUED, issuing.tell_issued, attempts=20),
    Job(leaves.TELL_LEAVE, letters.tell_leave, attempts=20),
    Job(holidays.RECOUNT, recounting.recount),
    Job("civilService.expire", requests.expire, every=dt.timedelta(minutes=10)),
    Job("civilService.mark_taken", leaves.mark_taken, every=dt.timedelta(hours=1)),
)
MACHINES = (
    Machine(domain.REQUEST, Text("A request for a certificate.", "طلب شهادة.")),
    Machine(domain.LEAVE, Text("A leave.", "إجازة.")),
)
ROUTES = (Route("GET", pages.STYLE_PATH, pages.style), Route("GET", pages.PATH, pages.show))

declare_manifest = hookimpl(lambda: MANIFEST)
declare_settings = hookimpl(lambda: CivilServiceSettings)
declare_models = hookimpl(lambda: MODELS)
declare_permissions = hookimpl(lambda: offer.PERMISSIONS)
declare_roles = hookimpl(lambda: offer.ROLES)
declare_errors = hookimpl(lambda: refusals.REFUSALS)
declare_schema = hookimpl(lambda: graphql.SCHEMA)
declare_core_fields = hookimpl(lambda: graphql.CORE_FIELDS)
declare_nodes = hookimpl(lambda: graphql.NODES)
declare_agencies = hookimpl(lambda: offer.AGENCIES)
declare_services = hookimpl(lambda: offer.SERVICES)
declare_payables = hookimpl(lambda: (payable.CivilServicePayable(graphql.show_bills),))
provide_holidays = hookimpl(lambda: holidays.announced)
declare_correspondents = hookimpl(lambda: letters.CORRESPONDENTS)
declare_accounts = hookimpl(lambda: offer.ACCOUNTS)
declare_jobs = hookimpl(lambda: JOBS)
declare_file_purposes = hookimpl(lambda: printing.PURPOSES)
declare_routes = hookimpl(lambda: ROUTES)
declare_commands = hookimpl(lambda: commands.COMMANDS)
declare_health_checks = hookimpl(lambda: (HealthCheck("bureau", gateway.reachable),))
declare_machines = hookimpl(lambda: MACHINES)
declare_demo_people = hookimpl(lambda: demo.PEOPLE)
on_demo_load = hookimpl(demo.load)
