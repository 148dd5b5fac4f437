"""The wire between the sandbox and the platform: signing secrets, and callbacks over HTTP."""

from __future__ import annotations

import base64
import contextlib
import functools
import os
import tempfile
from pathlib import Path

import aiohttp
from bawaba import runtime
from bawaba.payments import GatewayEvent

from bawaba_gateway_sandbox import rules
from bawaba_gateway_sandbox.domain import DeliveryFailed, SecretMissing
from bawaba_gateway_sandbox.settings import SandboxSettings

__all__ = ["SECRET_FILE", "keys", "send"]

SECRET_FILE = "sandbox-webhook-secret"  # noqa: S105  a file's name


def keys() -> tuple[bytes, ...]:
    """Return the keys of the callbacks' signatures; the first is the newest.

    From ``BAWABA_SANDBOX_WEBHOOK_SECRET``, else from a file in the data folder, which the demo
    makes once.

    Raises:
        SecretMissing: neither is there, outside the demo.
    """
    given = runtime.settings(SandboxSettings).webhook_secret.get_secret_value()
    return rules.keys_of(given) or _keys_in(Path(runtime.current().data_dir) / SECRET_FILE)


@functools.lru_cache(maxsize=16)
def _keys_in(path: Path) -> tuple[bytes, ...]:
    if not path.exists():
        if not runtime.current().demo:
            raise SecretMissing("set BAWABA_SANDBOX_WEBHOOK_SECRET")
        _make(path)
    return rules.keys_of(path.read_text(encoding="ascii"))


def _make(path: Path) -> None:
    """Write a fresh secret, unless another process was quicker: then its secret stands.

    It appears under its name only when complete, since linking is atomic and refuses to replace.
    """
    raw = runtime.current().ids.secret()
    key = base64.urlsafe_b64decode(raw + "=" * (-len(raw) % 4))
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")  # mode 0600
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(f"whsec_{base64.b64encode(key).decode()}\n")
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        Path(draft).unlink(missing_ok=True)


async def send(event: GatewayEvent, url: str) -> None:
    """Post ``event`` to the platform, signed as of now.

    Raises:
        DeliveryFailed: no answer in time, or another than 2xx.
    """
    body = rules.body_of(event)
    headers = rules.signed(keys(), event.event_id, runtime.now(), body)
    timeout = aiohttp.ClientTimeout(total=runtime.settings(SandboxSettings).delivery_timeout)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.post(
                url,
                data=body,
                headers=headers | {"content-type": "application/json"},
                allow_redirects=False,
            ) as answer,
        ):
            status = answer.status
    except (aiohttp.ClientError, TimeoutError) as error:
        raise DeliveryFailed(f"callback {event.event_id}: {type(error).__name__}") from error
    if not 200 <= status < 300:  # noqa: PLR2004  the 2xx of HTTP
        raise DeliveryFailed(f"callback {event.event_id}: the platform answered {status}")
