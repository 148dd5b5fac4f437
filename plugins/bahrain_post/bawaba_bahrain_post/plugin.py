"""The plugin of Bahrain Post: a table of contents."""

from __future__ import annotations

from bawaba.jobs import Job
from bawaba.plugin import Command, HealthCheck, Machine, Manifest, Models, hookimpl
from bawaba.text import Text

from bawaba_bahrain_post import domain, gateway, graphql
from bawaba_bahrain_post.gateway import simulator
from bawaba_bahrain_post.services import (
    boxes,
    commands,
    demo,
    duties,
    letters,
    offer,
    payable,
    shipments,
)

MANIFEST = Manifest(
    name="bahrain-post",
    prefix="post",
    title=Text("Bahrain Post", "بريد البحرين"),
    version="0.1.0",
)
MODELS = Models("bawaba_bahrain_post.models", "bawaba_bahrain_post.migrations")
JOBS = (
    Job(boxes.ADVANCE, boxes.advance, every=boxes.EVERY),
    Job(boxes.TELL_CLOSED, boxes.tell_closed, attempts=20),
    Job(duties.RELEASE_FREE, duties.release_free, attempts=20),
    Job(shipments.ASK, shipments.ask, attempts=20),
    Job(payable.GIVE_BACK, payable.give_back),
    Job(simulator.RELEASE, simulator.carry_out, attempts=20),
)
COMMANDS = (
    simulator.SIMULATION.command("post"),
    Command("post", "scan", commands.scan, "Scan a shipment as the simulated post."),
)
HEALTH_CHECKS = (HealthCheck("post", gateway.reachable),)
MACHINES = (
    Machine(domain.SHIPMENT, Text("A shipment.", "شحنة.")),
    Machine(domain.BILL, Text("A bill of the post.", "فاتورة بريد.")),
    Machine(domain.BOX, Text("A post box.", "صندوق بريد.")),
)

declare_manifest = hookimpl(lambda: MANIFEST)
declare_settings = hookimpl(lambda: gateway.PostSettings)
declare_models = hookimpl(lambda: MODELS)
declare_permissions = hookimpl(lambda: offer.PERMISSIONS)
declare_roles = hookimpl(lambda: offer.ROLES)
declare_schema = hookimpl(lambda: graphql.SCHEMA)
declare_core_fields = hookimpl(lambda: graphql.CORE_FIELDS)
declare_nodes = hookimpl(lambda: graphql.NODES)
declare_agencies = hookimpl(lambda: offer.AGENCIES)
declare_services = hookimpl(lambda: offer.SERVICES)
declare_payables = hookimpl(lambda: (payable.PostPayable(graphql.show_bills),))
declare_accounts = hookimpl(lambda: offer.ACCOUNTS)
declare_correspondents = hookimpl(lambda: letters.CORRESPONDENTS)
declare_jobs = hookimpl(lambda: JOBS)
declare_commands = hookimpl(lambda: COMMANDS)
declare_health_checks = hookimpl(lambda: HEALTH_CHECKS)
declare_machines = hookimpl(lambda: MACHINES)
declare_demo_people = hookimpl(lambda: demo.PEOPLE)
on_demo_load = hookimpl(demo.load)
