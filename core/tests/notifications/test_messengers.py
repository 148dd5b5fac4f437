"""E-mail and SMS as the other side sees them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import structlog
from aiohttp import web
from aiohttp.test_utils import TestServer
from aiosmtpd.controller import Controller
from bawaba.errors import BootError
from bawaba.host.notifications.domain import Contact, Message, NotSent
from bawaba.host.notifications.messengers import MAX_SMS, Email, Log, Sms, messengers_of
from bawaba.host.settings import Settings
from bawaba.testing.process import free_port
from bawaba.text import Text


def a_message(subject: str = "موضوع", name: str = "Sara", body: str = "Body") -> Message:
    to = Contact("p", Text(name, name), "sara@example.org", "+97330000000")
    return Message("m1", "k", to, Text("Subject", subject), Text(body, "نص"))


class Sink:
    """Keeps what arrives; refuses recipients or hangs up after DATA if told to."""

    def __init__(self, *, refuse: bool = False, drop: bool = False) -> None:
        self.refuse, self.drop, self.taken = refuse, drop, []

    async def handle_RCPT(self, server: Any, _s: Any, envelope: Any, to: str, _o: Any) -> str:  # noqa: N802
        if self.refuse:
            return "550 no such person"
        envelope.rcpt_tos.append(to)
        return "250 OK"

    async def handle_DATA(self, server: Any, _s: Any, envelope: Any) -> str:  # noqa: N802
        self.taken.append(envelope.content)
        if self.drop:
            server.transport.abort()
        return "250 OK"


async def by_email(sink: Sink, message: Message) -> None:
    controller = Controller(sink, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        url = f"smtp://127.0.0.1:{controller.port}?tls=no"
        await Email(url, "portal@example.org").send(message)
    finally:
        controller.stop()


async def test_a_message_arrives_once() -> None:
    sink = Sink()
    await by_email(sink, a_message())
    assert len(sink.taken) == 1
    assert b"Message-ID: <m1@example.org>" in sink.taken[0]


async def test_a_server_that_is_down_or_refuses_took_nothing() -> None:
    with pytest.raises(NotSent):
        await Email(f"smtp://127.0.0.1:{free_port()}?tls=no", "p@example.org").send(a_message())
    with pytest.raises(NotSent):
        await by_email(Sink(refuse=True), a_message())


async def test_a_server_that_hangs_up_after_data_leaves_doubt() -> None:
    with pytest.raises(Exception) as caught:
        await by_email(Sink(drop=True), a_message())
    assert not isinstance(caught.value, NotSent)


async def test_the_log_says_who_is_told_and_none_of_the_words() -> None:
    with structlog.testing.capture_logs() as lines:
        await Log().send(a_message())
    assert lines == [{"event": "notice", "person": "p", "key": "k", "log_level": "info"}]


def test_headers_stay_on_one_line_and_html_is_escaped() -> None:
    email = Email("smtp://h?tls=no", "p@example.org")
    mail = email.written(a_message("أ\r\nBcc: x@y.z", "S\nBcc: x@y.z", "<b>"))
    assert mail["Bcc"] is None
    assert "أ Bcc: x@y.z" in str(mail["Subject"])
    page = mail.get_body(("html",))
    assert page is not None
    assert "&lt;b&gt;" in page.get_content()
    assert 'dir="rtl" lang="ar"' in page.get_content()


@pytest.mark.parametrize(
    ("status", "refused"), [(400, True), (429, True), (503, True), (500, False)]
)
async def test_what_the_gateway_answers_decides(status: int, refused: bool) -> None:
    with pytest.raises(Exception) as caught:
        await by_sms(status, a_message())
    assert isinstance(caught.value, NotSent) is refused


async def test_the_gateway_gets_body_bearer_and_key() -> None:
    headers, body = await by_sms(200, a_message("ب" * 900))
    assert headers["Authorization"] == "Bearer t"
    assert headers["Idempotency-Key"] == body["id"] == "m1"
    assert (body["to"], len(body["text"])) == ("+97330000000", MAX_SMS)


async def by_sms(status: int, message: Message) -> tuple[Any, Any]:
    seen: list[Any] = []

    async def take(request: web.Request) -> web.Response:
        seen.extend((request.headers, await request.json()))
        return web.Response(status=status)

    app = web.Application()
    app.router.add_post("/", take)
    async with TestServer(app) as server:
        await Sms(str(server.make_url("/")), "t").send(message)
    return seen[0], seen[1]


@pytest.mark.parametrize(
    "bad",
    [
        {"smtp_url": "http://h", "mail_from": "a@b.c"},
        {"smtp_url": "smtp://h", "mail_from": "nobody"},
        {"sms_url": "ftp://h"},
    ],
)
def test_a_bad_address_stops_the_boot(tmp_path: Path, bad: dict[str, str]) -> None:
    with pytest.raises(BootError):
        messengers_of(Settings(data_dir=tmp_path, **bad))
