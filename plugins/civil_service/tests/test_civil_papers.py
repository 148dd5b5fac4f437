"""Certificates from the wish to the verified paper, in both languages."""

from __future__ import annotations

import hashlib
import io
from typing import Any

import pypdfium2
import pytest
from aiohttp.test_utils import make_mocked_request
from bawaba.errors import AgencyUnavailable
from bawaba_civil_service import pages
from bawaba_civil_service.domain import CivilServiceLineKind
from bawaba_civil_service.gateway import simulator
from bawaba_civil_service.models import CivilCertificate, CivilPrint, CivilRequest
from bawaba_civil_service.services import verification
from civil_world import UNKNOWN, raw
from pypdf import PdfReader


def text_of(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


def ink(content: bytes) -> tuple[int, int]:
    """How many dark points the left and right halves of the first page have."""
    page = pypdfium2.PdfDocument(content)[0].render(scale=1).to_pil().convert("L")
    half = page.width // 2
    halves = (page.crop((0, 50, half, 600)), page.crop((half, 50, page.width, 600)))
    dark = [sum(half_page.histogram()[:160]) for half_page in halves]
    return dark[0], dark[1]


async def status(bureau: Any, request: Any) -> str:
    with bureau.host.unit():
        return str((await CivilRequest.get(id=raw(request["id"]))).status)


async def test_a_certificate_from_the_wish_to_the_verified_paper(bureau: Any) -> None:
    issued, _ = await bureau.issued(purpose="Loan at a bank")
    certificate = issued["certificate"]
    assert issued["status"] == "ISSUED"
    content = await bureau.content(certificate["pdfUrl"])
    english = text_of(content)
    for words in ("Salary certificate", "Noora Jassim Haddad", "CS-10482", "Ministry of Health",
                  "780.000 BHD", "936.000 BHD", "Loan at a bank", issued["reference"],
                  certificate["verificationCode"]):  # fmt: skip
        assert words in english, words
    assert PdfReader(io.BytesIO(content)).trailer["/Root"]["/Lang"] == "en"
    assert certificate["verificationUrl"].endswith(certificate["verificationCode"])


async def test_whoever_has_the_code_can_hold_the_paper_against_the_record(bureau: Any) -> None:
    issued, _ = await bureau.issued(purpose="Loan at a bank")
    certificate = issued["certificate"]
    content = await bureau.content(certificate["pdfUrl"])
    shown = await bureau.verify(certificate["verificationCode"].lower().replace("-", ""))
    stated = {each["label"]: each["value"] for each in shown.pop("statements")}
    assert shown == {
        "isValid": True,
        "kind": "SALARY",
        "issuedOn": certificate["issuedOn"],
        "issuedTo": "Noora Jassim Haddad",
        "pdfSha256": [hashlib.sha256(content).hexdigest()],
    }
    paper = text_of(content)
    personal = (await bureau.facts("CS-10482")).record.national_id
    assert personal in paper
    covered = stated.pop("Personal number")
    assert (covered[-3:], set(covered[:-3])) == (personal[-3:], {"•"})
    assert all(value in paper for value in stated.values()), "no more than the paper tells"
    assert stated["Name"] == "Noora Jassim Haddad"
    assert stated["Basic salary"] == "780.000 BHD"
    assert stated["Total"] == "936.000 BHD", "a paper that says otherwise was altered"
    assert stated["Issued for"] == "Loan at a bank"
    assert stated["Reference"] == issued["reference"]


async def test_what_an_experience_certificate_states_holds_no_money(bureau: Any) -> None:
    issued, _ = await bureau.issued(kind="EXPERIENCE")
    shown = await bureau.verify(issued["certificate"]["verificationCode"])
    assert shown["kind"] == "EXPERIENCE"
    assert "Hired on" in {each["label"] for each in shown["statements"]}
    assert not any("BHD" in each["value"] for each in shown["statements"])


async def test_a_certificate_in_arabic_reads_from_right_to_left(bureau: Any) -> None:
    issued, _ = await bureau.issued(language="AR", kind="EXPERIENCE")
    content = await bureau.content(issued["certificate"]["pdfUrl"])
    assert PdfReader(io.BytesIO(content)).trailer["/Root"]["/Lang"] == "ar"
    arabic = text_of(content)
    assert issued["certificate"]["verificationCode"] in arabic
    assert any("\u0600" <= letter <= "\ufeff" for letter in arabic)
    assert "780.000" not in arabic, "an experience certificate tells no salary"
    english, _ = await bureau.issued()
    left, right = ink(await bureau.content(english["certificate"]["pdfUrl"]))
    assert left > right
    left, right = ink(content)
    assert right > left, "its lines begin on the right"


async def test_issuing_twice_issues_once(bureau: Any) -> None:
    issued, _ = await bureau.issued()
    for _ in range(2):
        await bureau.run("issue", request=raw(issued["id"]))
        await bureau.run("tell_issued", request=raw(issued["id"]))
    with bureau.host.unit():
        assert await CivilCertificate.filter(request_id=raw(issued["id"])).count() == 1
    told = [letter for letter in bureau.post.sent if letter[1] == "civilService.issued"]
    assert len({key for _, _, key, _ in told}) == 1
    code = issued["certificate"]["verificationCode"]
    assert told[0][3]["verificationCode"] == code


async def test_a_job_that_died_before_the_end_prints_the_same_paper(
    bureau: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bawaba_civil_service.services import issuing  # noqa: PLC0415

    asked = await bureau.request()
    await bureau.settle(bureau.item(asked))

    async def dies(*_: Any) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(issuing, "_issued", dies)
        with pytest.raises(ZeroDivisionError):
            await bureau.run("issue", request=raw(asked["id"]))
    with bureau.host.unit():
        prepared = await CivilCertificate.get(request_id=raw(asked["id"]))
    assert await bureau.verify(prepared.verification_code) == UNKNOWN, "it is not issued yet"
    bureau.clock.advance(days=2)
    await bureau.run("issue", request=raw(asked["id"]))
    shown = await bureau.verify(prepared.verification_code)
    assert shown["isValid"]
    assert shown["issuedOn"] == prepared.issued_on.isoformat()


async def test_an_outage_delays_and_loses_nothing(bureau: Any) -> None:
    asked = await bureau.request()
    await bureau.settle(bureau.item(asked))
    with bureau.host.unit():
        assert await simulator.SIMULATION.simulate(outage=True) == 0
    with pytest.raises(AgencyUnavailable):
        await bureau.run("issue", request=raw(asked["id"]))
    assert await status(bureau, asked) == "PAID"
    assert (await bureau.record("civil-servant"))["employeeNumber"] == "CS-10482", "read here"
    with bureau.host.unit():
        assert await simulator.SIMULATION.simulate(outage=False, latency_ms=5000) == 0
        assert await simulator.SIMULATION.simulate(latency_ms=-1) == 2
    with pytest.raises(AgencyUnavailable):
        await bureau.run("issue", request=raw(asked["id"]))
    with bureau.host.unit():
        await simulator.SIMULATION.simulate(latency_ms=0)
    await bureau.run("issue", request=raw(asked["id"]))
    assert await status(bureau, asked) == "ISSUED"


@pytest.mark.parametrize("case", ["struck out", "somebody else", "left"])
async def test_what_cannot_be_certified_is_paid_back(bureau: Any, case: str) -> None:
    asked = await bureau.request()
    await bureau.settle(bureau.item(asked))
    if case == "struck out":
        with bureau.host.unit():
            await simulator.dismiss("CS-10482")
    elif case == "somebody else":
        await bureau.changed("CS-10482", national_id="999999999")
    else:
        gone = (await bureau.facts("CS-10482")).record.hired_on
        await bureau.changed("CS-10482", left_on=gone)
    await bureau.run("issue", request=raw(asked["id"]))
    assert await status(bureau, asked) == "CANCELLED"
    with bureau.host.unit():
        assert await CivilCertificate.filter(request_id=raw(asked["id"])).count() == 0


async def test_the_bureau_revokes_by_letter(bureau: Any) -> None:
    issued, _ = await bureau.issued()
    code = issued["certificate"]["verificationCode"]
    body = {"verificationCode": code, "reason": "The salary was wrong."}
    assert await bureau.letter("revoked", body) == {"isRevoked": True}
    assert await bureau.verify(code) == UNKNOWN
    assert await status(bureau, issued) == "REVOKED"
    assert await bureau.letter("revoked", body) == {"isRevoked": False}
    assert "problem" in await bureau.letter("revoked", {"verificationCode": code})


async def test_payslips_are_printed_and_verified_too(bureau: Any) -> None:
    slip = (await bureau.record("civil-servant"))["payslips"]["nodes"][0]
    assert slip["pdfUrl"] is None
    for _ in range(2):
        await bureau.run("print_payslip", payslip=raw(slip["id"]))
    with bureau.host.unit():
        assert await CivilPrint.filter(payslip_id=raw(slip["id"])).count() == 2
    printed = (await bureau.record("civil-servant"))["payslips"]["nodes"][0]
    words = text_of(await bureau.content(printed["pdfUrl"]))
    correction = CivilServiceLineKind.CORRECTION.value
    about = next(line["correctsMonth"] for line in slip["lines"] if line["kind"] == correction)
    for part in (slip["month"], "888.600", "15.000", about, slip["verificationCode"]):
        assert part in words, part
    arabic = await bureau.node(
        "civil-servant",
        slip["id"],
        "... on CivilServicePayslip { pdfUrl(language: AR) pdfId(language: AR) }",
    )
    assert raw(arabic["pdfId"]) == arabic["pdfUrl"].rpartition("/")[2]
    assert arabic["pdfUrl"] not in {None, printed["pdfUrl"]}
    shown = await bureau.verify(slip["verificationCode"])
    assert (shown["isValid"], shown["kind"]) == (True, "PAYSLIP")
    stated = {each["label"]: each["value"] for each in shown["statements"]}
    assert (stated["Month"], stated["Net"]) == (slip["month"], "888.600 BHD")
    assert stated["Name"] == shown["issuedTo"] == "Noora Jassim Haddad"
    assert len(stated) == 7 + len(slip["lines"]), "each line of pay is told"
    contents = [await bureau.content(each["pdfUrl"]) for each in (printed, arabic)]
    assert set(shown["pdfSha256"]) == {hashlib.sha256(each).hexdigest() for each in contents}


async def test_guesses_are_counted_for_the_visitor_and_the_code(bureau: Any) -> None:
    each = " ".join(
        f'a{n}: civilServiceVerifyCertificate(code: "AAAA-AAAA-AAAA-{n:04d}") {{ isValid }}'
        for n in range(15)
    )
    guesses = f"{{ {each} }}"
    for _ in range(2):
        assert isinstance(await bureau.look(None, guesses), dict)
    assert "LIMIT_EXCEEDED" in await bureau.look(None, guesses)
    bureau.clock.advance(minutes=2)


@pytest.mark.filterwarnings("ignore:It is recommended to use web.RequestKey")
async def test_the_page_counts_visitors_behind_one_proxy_apart(bureau: Any) -> None:
    async def seen(visitor: str, number: int) -> int:
        code = {"code": f"BBBB-BBBB-BBBB-{number:04d}"}
        request = make_mocked_request("GET", "/civil-service/verify/x", match_info=code)
        request["client"] = visitor
        with bureau.host.unit():
            return (await pages.show(request)).status

    tried = [await seen("203.0.113.1", number) for number in range(verification.TIMES + 1)]
    assert tried == [404] * verification.TIMES + [429]
    assert await seen("203.0.113.2", 99) == 404


@pytest.mark.parametrize("code", ["", "x" * 5000, "0000-0000-0000-0000", "' OR 1=1", "\u0000"])
async def test_no_document_has_this_code(bureau: Any, code: str) -> None:
    assert await bureau.verify(code) == UNKNOWN
