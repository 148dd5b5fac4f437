"""One correlation id from a citizen's request to the simulated directorate's own log."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from bawaba.host.correspondence.log import verify_letters
from bawaba.host.correspondence.models import LetterEntry
from bawaba.testing.clock import FrozenClock
from bawaba.testing.inside import Inside, serving_inside
from flow_steps import check_out, operation, unpaid

ID = "front-end-42"


async def letters(inside: Inside, wanted: int) -> list[dict[str, Any]]:
    """Wait until both logs together hold so many letters of the directorate."""
    rows: list[dict[str, Any]] = []
    for _ in range(300):
        with inside.host.unit():
            rows = await LetterEntry.filter(agency="traffic").order_by("number").values()
        if len(rows) >= wanted:
            return rows
        await asyncio.sleep(0.1)
    raise AssertionError(f"{len(rows)} letters, not {wanted}")


async def test_request_payment_job_letter_and_both_logs_share_one_id(
    database_url: str, tmp_path: Path, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BAWABA_DEMO", "1")  # the sandbox gateway is offered in the demo
    async with serving_inside(tmp_path / "data", clock, {"database_url": database_url}) as inside:
        citizen = inside.person("citizen")
        fine = (await unpaid(citizen))[0]
        order = {
            "items": [{"billId": fine["id"]}],
            "expectedTotal": fine["amountDue"]["amount"],
            "channel": "PORTAL",
            "idempotencyKey": "one-correlation-id",
        }
        body = {"query": operation("payments", "StartPayment"), "variables": {"input": order}}
        headers = {"Authorization": f"Bearer {citizen.token}", "X-Correlation-Id": ID}
        async with inside.session.post(f"{inside.url}/graphql", json=body, headers=headers) as said:
            started = (await said.json(content_type=None))["data"]["startPayment"]
        assert started["errors"] == []
        await check_out(citizen, started["payment"], "approve")
        rows = await letters(inside, 2)
        assert [(row["keeper"], row["kind"], row["correlation_id"]) for row in rows] == [
            ("traffic", "traffic.paid", ID),
            ("platform", "traffic.paid", ID),
        ]
        assert rows[0]["sealed"] == rows[1]["sealed"]
        taken = inside.host.metrics.get_sample_value(
            "bawaba_letters_taken_total", {"agency": "traffic"}
        )
        assert taken == 1
        with inside.host.unit():
            assert await verify_letters() is None
