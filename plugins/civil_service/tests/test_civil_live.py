"""Over HTTP, as a front end: follow a request while it is paid, issued, downloaded, verified."""

from __future__ import annotations

import asyncio
import hashlib
import uuid
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from bawaba.testing.clock import FrozenClock
from bawaba.testing.fold import fold_holds
from bawaba.testing.inside import Inside, serving_inside
from civil_world import REQUEST

FRAGMENT = f"fragment Request on CivilServiceCertificateRequest {{ {REQUEST} }}"
ASK = (
    """mutation ($input: CivilServiceRequestCertificateInput!) {
  civilServiceRequestCertificate(input: $input) { request { ...Request } errors { code } } }"""
    + FRAGMENT
)
FOLLOW = (
    """subscription ($id: ID!, $after: String) {
  civilServiceCertificateUpdated(id: $id, after: $after) { cursor kind request { ...Request } } }"""
    + FRAGMENT
)
SEE = "query ($id: ID!) { node(id: $id) { ...Request } }" + FRAGMENT
PAY = """mutation ($input: StartPaymentInput!) { startPayment(input: $input) {
  payment { id checkoutUrl } errors { code } } }"""
TICKET = """mutation ($input: CreateDownloadTicketInput!) { createDownloadTicket(input: $input) {
  url errors { code } } }"""


@pytest_asyncio.fixture
async def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Inside]:
    monkeypatch.setenv("BAWABA_DEMO", "1")  # the sandbox gateway asks the environment
    async with serving_inside(tmp_path, FrozenClock()) as running:
        yield running


async def issued(person: Any, request: str) -> Any:
    for _ in range(300):
        found = (await person.execute(SEE, {"id": request}))["node"]
        if found["status"] == "ISSUED":
            return found
        await asyncio.sleep(0.1)
    raise AssertionError(found)


async def ask(person: Any) -> Any:
    given = {"kind": "SALARY", "language": "AR", "purpose": "Bank", "idempotencyKey": "k"}
    given["idempotencyKey"] = uuid.uuid4().hex
    data = await person.execute(ASK, {"input": given})
    return data["civilServiceRequestCertificate"]["request"]


async def pay(person: Any, request: Any) -> None:
    given = {
        "items": [{"billId": request["bill"]["id"]}],
        "expectedTotal": request["bill"]["amountDue"]["amount"],
        "channel": "PORTAL",
        "idempotencyKey": uuid.uuid4().hex,
    }
    started = (await person.execute(PAY, {"input": given}))["startPayment"]
    assert started["errors"] == []
    url = started["payment"]["checkoutUrl"]
    async with person.session.post(url, data={"outcome": "approve"}) as response:
        assert response.status == 200


async def fetched(person: Any, url: str) -> tuple[int, bytes]:
    headers = {} if person.token is None else {"Authorization": f"Bearer {person.token}"}
    async with person.session.get(url, headers=headers) as response:
        return response.status, await response.read()


async def test_a_request_is_followed_to_the_verified_paper(inside: Inside) -> None:
    servant, stranger = inside.person("civil-servant"), inside.person("civil-manager")
    request = await ask(servant)

    async def change() -> int:
        await pay(servant, request)
        await issued(servant, request["id"])
        return 2

    fold = await fold_holds(servant, FOLLOW, {"id": request["id"]}, change)
    assert fold.kinds == ["SNAPSHOT", "PAID", "ISSUED"]
    found = await issued(servant, request["id"])
    assert fold.state == {"request": found}
    certificate = found["certificate"]

    status, content = await fetched(servant, certificate["pdfUrl"])
    assert (status, content[:5]) == (200, b"%PDF-")
    assert (await fetched(stranger, certificate["pdfUrl"]))[0] == 404
    assert (await fetched(servant.signed_in(None), certificate["pdfUrl"]))[0] == 401
    given = {"input": {"id": certificate["pdfId"]}}
    ticket = (await servant.execute(TICKET, given))["createDownloadTicket"]
    assert (await fetched(servant.signed_in(None), ticket["url"]))[1] == content
    refused = (await stranger.execute(TICKET, given))["createDownloadTicket"]
    assert [error["code"] for error in refused["errors"]] == ["NOT_FOUND"]

    digest = hashlib.sha256(content).hexdigest()
    await _verified(inside, certificate["verificationCode"], digest)
    async with stranger.live() as socket, socket.subscribe(FOLLOW, {"id": request["id"]}) as news:
        with pytest.raises(Exception, match="NOT_FOUND"):
            await news.next()


async def _verified(inside: Inside, code: str, sha256: str) -> None:
    page = f"{inside.url}/civil-service/verify/{code}"
    marks = {
        "en": ("Salary certificate", "Noora Jassim Haddad", "Total", "936.000 BHD"),
        "ar": ("شهادة راتب", "نورة جاسم حداد", "الإجمالي", "936.000 BHD"),
    }
    for language, told in marks.items():
        headers = {"Accept-Language": language}
        async with inside.session.get(page, headers=headers) as response:
            text = await response.text()
            assert response.status == 200
            assert response.headers["Content-Language"] == language
            assert [words for words in (*told, sha256) if words not in text] == []
            assert f'dir="{"rtl" if language == "ar" else "ltr"}"' in text
            assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    wrong = f"{inside.url}/civil-service/verify/<script>alert(1)</script>"
    async with inside.session.get(wrong.replace("/script", "-script")) as response:
        assert response.status == 404
        assert "<script" not in await response.text()
    async with inside.session.get(f"{inside.url}/civil-service/verify.css") as response:
        assert response.content_type == "text/css"
    statuses = []
    for _ in range(31):
        async with inside.session.get(page) as response:
            statuses.append(response.status)
    assert statuses[-1] == 429
    inside.clock.advance(minutes=2)


async def test_the_demo_has_an_issued_certificate_and_printed_payslips(inside: Inside) -> None:
    servant = inside.person("civil-servant")
    query = """{ me { civilServiceRecord { payslips(first: 4) { nodes { pdfUrl } }
      certificateRequests(first: 5) { nodes { status certificate { pdfUrl } } } } } }"""
    for _ in range(300):
        record = (await servant.execute(query))["me"]["civilServiceRecord"]
        requests = record["certificateRequests"]["nodes"]
        printed = [slip["pdfUrl"] for slip in record["payslips"]["nodes"]]
        if {r["status"] for r in requests} == {"ISSUED", "AWAITING_PAYMENT"} and all(printed):
            break
        await asyncio.sleep(0.1)
    assert len(printed) == 4
    assert (await fetched(servant, printed[0]))[0] == 200
    assert (await fetched(inside.person("civil-manager"), printed[0]))[0] == 404
