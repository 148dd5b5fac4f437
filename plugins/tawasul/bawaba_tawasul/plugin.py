"""The Tawasul plugin: a table of contents."""

from __future__ import annotations

import datetime as dt

from bawaba.files import Purpose
from bawaba.jobs import Job
from bawaba.plugin import Command, Machine, Manifest, Models, hookimpl
from bawaba.text import Text

from bawaba_tawasul import domain, graphql, refusals
from bawaba_tawasul.services import (
    calendars,
    commands,
    demo,
    letters,
    messages,
    offer,
    performance,
    watching,
)
from bawaba_tawasul.settings import TawasulSettings

MANIFEST = Manifest(
    name="tawasul",
    prefix="tawasul",
    title=Text("Suggestions and complaints", "المقترحات والشكاوى"),
    version="0.1.0",
)
MODELS = Models("bawaba_tawasul.models", "bawaba_tawasul.migrations")
JOBS = (
    Job(watching.WATCH, watching.watch, every=watching.EVERY),
    Job(calendars.RECOMPUTE, calendars.recompute, attempts=20, lease=dt.timedelta(minutes=10)),
    Job("tawasul.sweep", calendars.sweep, every=dt.timedelta(minutes=1)),
    Job(performance.FOLD, performance.fold, every=dt.timedelta(seconds=10)),
    Job(letters.TELL, letters.tell, attempts=20),
    Job(performance.FREEZE, performance.freeze, every=dt.timedelta(hours=1)),
)
COMMANDS = (
    Command("tawasul", "categories", commands.load_categories, "Enter categories from a file."),
)
MACHINES = (
    Machine(domain.CASE, Text("A case.", "حالة.")),
    Machine(domain.IDENTITY_REQUEST, Text("A wish to know an identity.", "طلب كشف هوية.")),
)
PURPOSES = (
    Purpose(
        name=messages.PURPOSE,
        title=Text("Files of a case", "مرفقات حالة"),
        permission="tawasul.use",
        media_types=frozenset({"image/jpeg", "image/png", "image/webp", "application/pdf"}),
        max_bytes=10_000_000,
        may_read=messages.readable,
    ),
)

declare_manifest = hookimpl(lambda: MANIFEST)
declare_settings = hookimpl(lambda: TawasulSettings)
declare_models = hookimpl(lambda: MODELS)
declare_permissions = hookimpl(lambda: offer.PERMISSIONS)
declare_roles = hookimpl(lambda: offer.ROLES)
declare_errors = hookimpl(lambda: refusals.REFUSALS)
declare_schema = hookimpl(lambda: graphql.SCHEMA)
declare_core_fields = hookimpl(lambda: graphql.CORE_FIELDS)
declare_nodes = hookimpl(lambda: graphql.NODES)
declare_agencies = hookimpl(lambda: offer.AGENCIES)
declare_services = hookimpl(lambda: offer.SERVICES)
declare_correspondents = hookimpl(lambda: letters.CORRESPONDENTS)
declare_file_purposes = hookimpl(lambda: PURPOSES)
declare_jobs = hookimpl(lambda: JOBS)
declare_commands = hookimpl(lambda: COMMANDS)
declare_machines = hookimpl(lambda: MACHINES)
declare_demo_people = hookimpl(lambda: demo.PEOPLE)
on_demo_load = hookimpl(demo.load)
