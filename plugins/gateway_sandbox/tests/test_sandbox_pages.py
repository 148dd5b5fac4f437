"""The checkout page, as a browser and as a script see it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from aiohttp import FormData
from bawaba.graphql import global_id
from bawaba.text import Text
from bawaba_gateway_sandbox.models import SandboxCheckout, SandboxEvent

EN = {"Accept-Language": "en"}
EVIL = "</dd><script>alert(1)</script><img src=x onerror='x'>\""


async def open_page(world: Any, **changes: Any) -> str:
    with world.unit():
        return f"/sandbox/checkout/{await world.opened(**changes)}"


async def test_a_person_can_read_the_page_in_either_language(world: Any) -> None:
    path = await open_page(world)
    async with world.browser() as browser:
        english = await browser.get(path, headers=EN)
        arabic = await browser.get(path, headers={"Accept-Language": "ar-BH"})
        switched = await browser.get(f"{path}?lang=en", headers={"Accept-Language": "ar"})
        text = await english.text()
        assert english.status == 200
        assert english.content_type == "text/html"
        for words in ("12.500 BHD", "REF-pay1", "A fine", "Sandbox: no real money", "Approve"):
            assert words in text
        assert '<html lang="en" dir="ltr">' in text
        text = await arabic.text()
        assert '<html lang="ar" dir="rtl">' in text
        for words in ("12.500 BHD", "مخالفة", "لا أموال حقيقية", "قبول الدفع"):
            assert words in text
        assert "A fine" in await switched.text()


async def test_the_page_needs_nothing_from_elsewhere_and_runs_no_script(world: Any) -> None:
    path = await open_page(world, return_url="https://portal.bh:8443/done?x=1")
    async with world.browser() as browser:
        page = await browser.get(path, headers=EN)
        policy = page.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script-src" not in policy
        assert "unsafe" not in policy
        assert policy.endswith("form-action 'self' https://portal.bh:8443")
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["X-Frame-Options"] == "DENY"
        text = await page.text()
        assert "<script" not in text
        assert "style=" not in text
        assert "https://portal.bh" not in text  # no way back before a choice was made
        css = await browser.get("/sandbox/style.css")
        assert (css.status, css.content_type) == (200, "text/css")
        assert "url(" not in await css.text()


async def test_words_of_others_are_escaped(world: Any) -> None:
    path = await open_page(world, description=Text(EVIL, EVIL), reference=EVIL[:60])
    async with world.browser() as browser:
        for language in ("en", "ar"):
            text = await (await browser.get(f"{path}?lang={language}")).text()
            assert "<script" not in text
            assert "<img" not in text
            assert "&lt;script&gt;" in text
        hostile = await browser.get(path, params={"lang": EVIL})
        assert "<script" not in await hostile.text()


@pytest.mark.parametrize("encoding", ["urlencoded", "multipart"])
@pytest.mark.parametrize("outcome", ["approve", "decline", "abandon"])
async def test_a_choice_leads_back_to_the_service(world: Any, outcome: str, encoding: str) -> None:
    path = await open_page(world, return_url="https://portal.bh/done?x=1#top")
    async with world.browser() as browser:
        for _ in range(2):
            form = FormData(default_to_multipart=encoding == "multipart")
            form.add_field("outcome", outcome)
            answer = await browser.post(path, data=form, allow_redirects=False)
            assert answer.status == 303
            payment = global_id("Payment", "pay1")
            assert answer.headers["Location"] == (
                f"https://portal.bh/done?x=1&payment={payment}&outcome={outcome}#top"
            )
            assert "Set-Cookie" not in answer.headers
        text = await (await browser.get(path, headers=EN)).text()
        assert "<button" not in text
        assert "Return to the service" in text
    with world.unit():
        assert await SandboxEvent.all().count() == 1


@pytest.mark.parametrize("url", [None, "javascript:alert(1)", "myapp://done"])
async def test_without_a_web_address_to_return_to_a_page_tells_the_result(
    world: Any, url: str | None
) -> None:
    path = await open_page(world, return_url=url)
    async with world.browser() as browser:
        answer = await browser.post(path, data={"outcome": "approve"}, headers=EN)
        text = await answer.text()
        assert answer.status == 200
        assert "The payment was approved." in text
        assert 'href="javascript' not in text
        assert "<button" not in text


async def test_another_choice_afterwards_is_a_conflict(world: Any) -> None:
    path = await open_page(world, return_url="https://portal.bh/")
    async with world.browser() as browser:
        await browser.post(path, data={"outcome": "decline"}, allow_redirects=False)
        answer = await browser.post(path, data={"outcome": "approve"}, headers=EN)
        assert answer.status == 409
        text = await answer.text()
        assert "too late" in text
        assert "The payment was declined." in text
    with world.unit():
        assert [event.kind for event in await SandboxEvent.all()] == ["DECLINED"]


async def test_an_expired_checkout_offers_no_buttons(world: Any) -> None:
    path = await open_page(world)
    world.clock.at += dt.timedelta(hours=1)
    async with world.browser() as browser:
        text = await (await browser.get(path, headers=EN)).text()
        assert "The time to pay has passed" in text
        assert "<button" not in text
        answer = await browser.post(path, data={"outcome": "approve"})
        assert answer.status == 409
    with world.unit():
        assert (await SandboxCheckout.get()).state == "EXPIRED"
        assert await SandboxEvent.all().count() == 0


async def test_an_unknown_address_is_not_found(world: Any) -> None:
    await open_page(world)
    async with world.browser() as browser:
        for token in ("unknown", "x" * 500, "%00", "%D8%A8", "%FF"):
            assert (await browser.get(f"/sandbox/checkout/{token}")).status == 404
        gone = await browser.post("/sandbox/checkout/unknown", data={"outcome": "approve"})
        assert gone.status == 404


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", "application/x-www-form-urlencoded"),
        (b"outcome=", "application/x-www-form-urlencoded"),
        (b"outcome=APPROVE", "application/x-www-form-urlencoded"),
        (b"outcome=pay", "application/x-www-form-urlencoded"),
        (b"outcome=approve&outcome=decline", "application/x-www-form-urlencoded"),
        (b"outcome=approve", "application/x-www-form-urlencoded; charset=nonsense"),
        (b"outcome=%FF%FE", "application/x-www-form-urlencoded; charset=utf-8"),
        (b'{"outcome": "approve"}', "application/json"),
        (b"broken", "multipart/form-data; boundary=x"),
        (b"broken", "multipart/form-data"),
        (
            b"\r\n".join(
                (
                    b"--x",
                    b'Content-Disposition: form-data; name="outcome"; filename="f"',
                    b"",
                    b"approve",
                    b"--x--",
                    b"",
                )
            ),
            "multipart/form-data; boundary=x",
        ),
    ],
)
async def test_a_bad_form_is_refused_and_changes_nothing(
    world: Any, body: bytes, content_type: str
) -> None:
    path = await open_page(world)
    async with world.browser() as browser:
        answer = await browser.post(path, data=body, headers={"Content-Type": content_type})
        assert answer.status == 400
        assert "<button" in await answer.text()
    with world.unit():
        assert (await SandboxCheckout.get()).state == "OPEN"
