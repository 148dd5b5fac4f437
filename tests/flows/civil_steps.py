"""The journey of a certificate, for the test of live fields."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from typing import Any

from bawaba.testing.client import FrontEnd
from bawaba.testing.fold import fold_holds
from flow_steps import check_out, operation, start

SEEN = """id reference status bill { id amountDue { amount } }
  certificate { verificationCode pdfUrl }"""
FOLLOW = (
    """subscription ($id: ID!, $after: String) {
  civilServiceCertificateUpdated(id: $id, after: $after) { cursor kind request { SEEN } } }"""
).replace("SEEN", SEEN)
LOOK = "query ($id: ID!) { node(id: $id) { ... on CivilServiceCertificateRequest { status } } }"


async def request_certificate(servant: FrontEnd) -> dict[str, Any]:
    """Ask for a certificate as the contract's operation does; return the request."""
    given = {"kind": "EXPERIENCE", "language": "EN", "purpose": "A visa"}
    data = await servant.execute(
        operation("agencies", "RequestCertificate"),
        {"input": {**given, "idempotencyKey": uuid.uuid4().hex}},
    )
    found: dict[str, Any] = data["civilServiceRequestCertificate"]["request"]
    return found


async def civil_service_certificate_updated(person: Callable[[str], FrontEnd]) -> None:
    """Follow a request from its bill to the certificate."""
    servant = person("civil-servant")
    request = await request_certificate(servant)

    async def change() -> int:
        payment = (await start(servant, request["bill"]))["payment"]
        await check_out(servant, payment, "approve")
        for _ in range(200):
            found = (await servant.execute(LOOK, {"id": request["id"]}))["node"]
            if found["status"] == "ISSUED":
                return 2
            await asyncio.sleep(0.1)
        raise AssertionError(found)

    fold = await fold_holds(servant, FOLLOW, {"id": request["id"]}, change)
    assert fold.kinds == ["SNAPSHOT", "PAID", "ISSUED"]
