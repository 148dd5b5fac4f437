"""What the platform tells the authority, by letter; and what it takes from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bawaba import correspondence, jobs

from bawaba_payments_ewa.domain import AGENCY

POST = "ewa.post"
"""Name of the job that posts a letter."""


async def send(kind: str, body: Mapping[str, Any], key: str) -> None:
    """Send a letter to the authority now.

    Raises:
        AgencyUnavailable: send it again later.
    """
    await correspondence.send(AGENCY, kind, body, key)


async def queue(kind: str, body: Mapping[str, Any], key: str) -> None:
    """Post a letter after the commit of the current transaction; once for its key."""
    await jobs.enqueue(POST, {"kind": kind, "body": dict(body), "key": key}, key=key)


async def post(payload: Mapping[str, Any]) -> None:
    """Send a queued letter (a job).

    Raises:
        AgencyUnavailable: it is retried.
    """
    await send(payload["kind"], payload["body"], payload["key"])
