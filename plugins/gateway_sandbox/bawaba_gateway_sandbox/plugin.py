"""What the sandbox gateway declares."""

from __future__ import annotations

from collections.abc import Sequence

from bawaba.jobs import Job
from bawaba.payments import Gateway
from bawaba.plugin import Command, HealthCheck, Machine, Manifest, Models, Route, hookimpl
from bawaba.settlement import SettlementReader
from bawaba.text import Text

from bawaba_gateway_sandbox import commands, pages, services
from bawaba_gateway_sandbox.domain import CHECKOUT
from bawaba_gateway_sandbox.services.settling import SandboxSettlement
from bawaba_gateway_sandbox.settings import SandboxSettings, is_offered


@hookimpl
def declare_manifest() -> Manifest:
    return Manifest(
        name="gateway-sandbox",
        prefix="sandbox",
        title=Text("Sandbox payment gateway", "بوابة الدفع التجريبية"),
        version="0.1.0",
    )


@hookimpl
def declare_models() -> Models:
    return Models("bawaba_gateway_sandbox.models", "bawaba_gateway_sandbox.migrations")


@hookimpl
def declare_gateways() -> Sequence[Gateway]:
    return (services.SandboxGateway(),) if is_offered() else ()


@hookimpl
def declare_settlement_readers() -> Sequence[SettlementReader]:
    return (SandboxSettlement(),) if is_offered() else ()


@hookimpl
def declare_routes() -> Sequence[Route]:
    pages_offered = (
        Route("GET", pages.PATH, pages.show),
        Route("POST", pages.PATH, pages.choose),
        Route("GET", pages.STYLE_PATH, pages.style),
    )
    return pages_offered if is_offered() else ()


@hookimpl
def declare_jobs() -> Sequence[Job]:
    return (Job(services.DELIVER, services.deliver, attempts=100),)


@hookimpl
def declare_commands() -> Sequence[Command]:
    return commands.COMMANDS


@hookimpl
def declare_health_checks() -> Sequence[HealthCheck]:
    return (HealthCheck("book", services.check),) if is_offered() else ()


MACHINES = (
    Machine(CHECKOUT, Text("A checkout of the sandbox.", "عملية دفع في البوابة التجريبية.")),
)
declare_settings = hookimpl(lambda: SandboxSettings)
declare_machines = hookimpl(lambda: MACHINES)
