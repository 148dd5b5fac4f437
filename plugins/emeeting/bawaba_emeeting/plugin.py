"""The e-Meeting plugin: a table of contents."""

from __future__ import annotations

import datetime as dt

from bawaba.files import Purpose
from bawaba.jobs import Job
from bawaba.plugin import HealthCheck, Machine, Manifest, Membership, Models, hookimpl
from bawaba.text import Text

from bawaba_emeeting import domain, graphql, refusals
from bawaba_emeeting.services import (
    commands,
    conducting,
    councils,
    demo,
    documents,
    minutes,
    offer,
    printing,
    regulating,
    vault,
)
from bawaba_emeeting.settings import MeetingSettings

MANIFEST = Manifest(
    name="emeeting",
    prefix="meeting",
    title=Text("e-Meeting", "الاجتماع الإلكتروني"),
    version="0.1.0",
)
JOBS = (
    Job(conducting.DRAFT, minutes.draft),
    Job(regulating.RULES_CHANGE, regulating.tell_of_rules),
    Job(minutes.PRINT, printing.print_minutes, lease=dt.timedelta(minutes=5)),
)
MACHINES = (
    Machine(domain.MEETING, Text("A meeting.", "اجتماع.")),
    Machine(domain.MOTION, Text("A motion.", "مقترح.")),
    Machine(domain.ADOPTION, Text("A council takes up e-Meeting.", "تطبيق الاجتماع الإلكتروني.")),
    Machine(domain.MINUTES, Text("The minutes of a meeting.", "محضر اجتماع.")),
)
PURPOSES = (
    Purpose(
        name=documents.PURPOSE,
        title=Text("Documents of a meeting", "وثائق اجتماع"),
        permission=offer.ATTEND,
        media_types=documents.MEDIA_TYPES,
        max_bytes=50_000_000,
        may_read=documents.readable,
    ),
    Purpose(
        name=minutes.MINUTES_PURPOSE,
        title=Text("Printed minutes", "محاضر مطبوعة"),
        permission=offer.OPERATE,
        media_types=frozenset({"application/pdf"}),
        max_bytes=50_000_000,
        may_read=printing.readable,
    ),
)

declare_manifest = hookimpl(lambda: MANIFEST)
declare_settings = hookimpl(lambda: MeetingSettings)
declare_models = hookimpl(lambda: Models("bawaba_emeeting.models", "bawaba_emeeting.migrations"))
declare_permissions = hookimpl(lambda: offer.PERMISSIONS)
declare_roles = hookimpl(lambda: offer.ROLES)
declare_errors = hookimpl(lambda: refusals.REFUSALS)
declare_schema = hookimpl(lambda: graphql.SCHEMA)
declare_nodes = hookimpl(lambda: graphql.NODES)
declare_agencies = hookimpl(lambda: offer.AGENCIES)
declare_services = hookimpl(lambda: offer.SERVICES)
declare_file_purposes = hookimpl(lambda: PURPOSES)
declare_jobs = hookimpl(lambda: JOBS)
declare_commands = hookimpl(lambda: commands.COMMANDS)
declare_health_checks = hookimpl(lambda: (HealthCheck("meeting.keys", vault.check),))
declare_machines = hookimpl(lambda: MACHINES)
declare_memberships = hookimpl(lambda: (Membership(councils.memberships),))
declare_demo_people = hookimpl(lambda: demo.PEOPLE)
on_demo_load = hookimpl(demo.load)
