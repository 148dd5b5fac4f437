"""Callbacks over real HTTP: sent again until they are taken, always under the same id."""

from __future__ import annotations

import asyncio
import multiprocessing
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from bawaba.host.clock import TimeOrderedIds
from bawaba.payments import GatewayEvent, GatewayEventKind
from bawaba.runtime import bound
from bawaba_gateway_sandbox import commands, gateway, plugin, services
from bawaba_gateway_sandbox.domain import DeliveryFailed, Outcome, SecretMissing
from bawaba_gateway_sandbox.models import SandboxEvent
from bawaba_gateway_sandbox.settings import SandboxSettings
from pydantic import ValidationError


class Platform:
    """Reads callbacks as core does, and answers with the statuses it was told to."""

    def __init__(self, world: Any, *statuses: int) -> None:
        self.world, self.statuses = world, list(statuses)
        self.seen: list[GatewayEvent] = []
        self.delay = 0.0

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        await asyncio.sleep(self.delay)
        with self.world.unit():
            read = self.world.gateway.read_callback(request.headers, body, self.world.clock.now())
        assert request.content_type == "application/json"
        self.seen += read
        status = self.statuses.pop(0) if self.statuses else 200
        return web.Response(status=status, headers={"Location": "/callback"})

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[str]:
        app = web.Application()
        app.router.add_post("/callback", self.take)
        async with TestServer(app) as server:
            yield str(server.make_url("/callback"))


async def approved(world: Any, url: str) -> dict[str, Any]:
    token = await world.opened(callback_url=url)
    await services.decide(token, Outcome.APPROVE)
    return world.jobs.committed[-1][1]


@pytest.mark.parametrize("status", [302, 400, 401, 500, 503])
async def test_a_callback_is_sent_until_the_answer_is_2xx(world: Any, status: int) -> None:
    platform = Platform(world, status, 204)
    with world.unit():
        async with platform.listening() as url:
            job = await approved(world, url)
            with pytest.raises(DeliveryFailed, match=str(status)):
                await services.deliver(job)
            assert (await SandboxEvent.get()).delivered_at is None
            await services.deliver(job)
            await services.deliver(job)
        assert (await SandboxEvent.get()).delivered_at == world.clock.now()
    first, second = platform.seen
    assert first == second
    assert (first.kind, first.payment_id) == (GatewayEventKind.CAPTURED, "pay1")
    assert (first.fils, first.event_id) == (12_500, job["event"])


async def test_a_platform_out_of_reach_or_asleep_fails_the_attempt(world: Any) -> None:
    quick = SandboxSettings(
        webhook_secret=world.runtime.plugin_settings(SandboxSettings).webhook_secret,
        delivery_timeout=0.2,
    )
    world.runtime.plugin_settings_by_type = {SandboxSettings: quick}
    platform = Platform(world)
    platform.delay = 2.0
    with world.unit():
        async with platform.listening() as url:
            job = await approved(world, url)
            with pytest.raises(DeliveryFailed, match="Timeout"):
                await services.deliver(job)
        with pytest.raises(DeliveryFailed):  # nobody listens there any more
            await services.deliver(job)
        assert (await SandboxEvent.get()).delivered_at is None


async def test_resending_repeats_the_same_event(
    world: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    platform = Platform(world, 200, 200, 200, 500)
    with world.unit():
        async with platform.listening() as url:
            job = await approved(world, url)
            await services.deliver(job)
            assert await commands.resend(job["event"]) == 0
            assert await commands.resend(last=5) == 0
            assert await commands.resend(job["event"]) == 1
    assert len(platform.seen) == 4
    assert len(set(platform.seen)) == 1
    assert "answered 500" in capsys.readouterr().err


def _make_secret(folder: str, start: Any, results: Any) -> None:
    runtime: Any = SimpleNamespace(
        demo=True, data_dir=folder, ids=TimeOrderedIds(), plugin_settings=lambda kind: kind()
    )
    start.wait()
    with bound(runtime):
        results.put(gateway.keys())


def test_processes_that_start_together_agree_on_one_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BAWABA_DEMO", "1")
    context = multiprocessing.get_context("fork")
    folder, start, results = tmp_path / "data", context.Event(), context.Queue()
    processes = [
        context.Process(target=_make_secret, args=(str(folder), start, results)) for _ in range(6)
    ]
    for process in processes:
        process.start()
    start.set()
    made = {results.get(timeout=20) for _ in processes}
    for process in processes:
        process.join(20)
    ((key,),) = made
    assert len(key) == 32
    (file,) = folder.iterdir()
    assert file.name == "sandbox-webhook-secret"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


async def test_outside_the_demo_no_secret_is_made_up(world: Any) -> None:
    world.runtime.plugin_settings_by_type = {SandboxSettings: SandboxSettings()}
    world.runtime.demo = False
    with world.unit():
        with pytest.raises(SecretMissing):
            gateway.keys()
        with pytest.raises(SecretMissing):
            await services.check()


async def test_the_book_is_healthy(world: Any) -> None:
    with world.unit():
        await services.check()


def test_the_gateway_is_offered_only_in_a_demo_or_when_switched_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    secret = "whsec_" + "A" * 43 + "="
    for name in ("DEMO", "SANDBOX_ENABLED", "SANDBOX_WEBHOOK_SECRET"):
        monkeypatch.delenv(f"BAWABA_{name}", raising=False)
    assert not plugin.declare_gateways()
    assert not plugin.declare_routes()
    assert not plugin.declare_health_checks()
    monkeypatch.setenv("BAWABA_SANDBOX_ENABLED", "true")
    with pytest.raises(ValidationError, match="BAWABA_SANDBOX_WEBHOOK_SECRET"):
        plugin.declare_gateways()
    monkeypatch.setenv("BAWABA_SANDBOX_WEBHOOK_SECRET", secret)
    assert [one.name for one in plugin.declare_gateways()] == ["sandbox"]
    assert secret not in repr(SandboxSettings())
    monkeypatch.setenv("BAWABA_SANDBOX_WEBHOOK_SECRET", f"{secret} weak")
    with pytest.raises(ValidationError) as refused:
        plugin.declare_gateways()
    assert secret not in repr(refused.value)
    monkeypatch.delenv("BAWABA_SANDBOX_ENABLED")
    monkeypatch.delenv("BAWABA_SANDBOX_WEBHOOK_SECRET")
    monkeypatch.setenv("BAWABA_DEMO", "1")
    assert [one.name for one in plugin.declare_gateways()] == ["sandbox"]
    assert len(plugin.declare_routes()) == 3
