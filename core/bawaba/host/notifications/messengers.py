"""The messengers of core: the log, e-mail over SMTP, SMS through an HTTP gateway."""

from __future__ import annotations

import asyncio
import html
from collections.abc import Sequence
from email.message import EmailMessage
from email.utils import formataddr
from typing import Protocol
from urllib.parse import unquote, urlsplit

import aiohttp
import aiosmtplib
import structlog

from bawaba.errors import BootError
from bawaba.host.notifications.domain import Contact, Message, NotSent
from bawaba.host.settings import Settings

log = structlog.get_logger(__name__)
TIMEOUT = 20.0
MAX_SMS = 480
_SMTP_PORTS = {"smtp": 587, "smtps": 465}
_FIRST_REFUSAL = 400
"""SMTP replies from here on refuse; a reply that makes no sense has none of these."""
_OK = range(200, 300)
_REFUSED = range(400, 500)
_UNAVAILABLE = 503
_UNPROVEN = (aiosmtplib.SMTPServerDisconnected, aiosmtplib.SMTPReadTimeoutError)
"""After these nobody knows whether the server took the message."""


class Messenger(Protocol):
    """A way to tell people something."""

    name: str

    def reaches(self, contact: Contact) -> bool:
        """Return whether the person can be told by it."""
        ...

    async def send(self, message: Message) -> None:
        """Send it.

        Raises:
            NotSent: nothing was taken; any other exception: nobody knows.
        """
        ...


def messengers_of(settings: Settings) -> Sequence[Messenger]:
    """Return what the settings name; in the demo, and where nothing else is set, the log.

    Raises:
        BootError: an address cannot be used.
    """
    found: list[Messenger] = []
    if settings.smtp_url:
        found.append(Email(settings.smtp_url, settings.mail_from))
    if settings.sms_url:
        found.append(Sms(settings.sms_url, settings.sms_token))
    return found if found and not settings.demo else [*found, Log()]


class Log:
    """Writes who would be told of what; not the words themselves."""

    name = "log"

    def reaches(self, contact: Contact) -> bool:
        """Everybody."""
        del contact
        return True

    async def send(self, message: Message) -> None:
        """Write a line."""
        log.info("notice", person=message.to.person_id, key=message.key)


class Email:
    """Sends by SMTP, with STARTTLS (``smtp://``) or TLS (``smtps://``).

    The message's id is the same at every try, so that the receiving side can drop a repetition.

    Args:
        url: ``smtp://user:password@host:port``; ``?tls=no`` for a relay of one's own.
        sender: the address that it comes from.
    """

    name = "email"

    def __init__(self, url: str, sender: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in _SMTP_PORTS or not parts.hostname or "@" not in sender:
            raise BootError(
                "bawaba",
                "BAWABA_SMTP_URL",
                "or BAWABA_MAIL_FROM cannot be used",
                "smtp://user:password@host:587 and an address",
            )
        self._host = parts.hostname
        self._port = parts.port or _SMTP_PORTS[parts.scheme]
        self._user = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None
        self._tls = parts.scheme == "smtps"
        self._start_tls = not self._tls and "tls=no" not in parts.query
        self._sender = sender

    def reaches(self, contact: Contact) -> bool:
        """Whoever has an address."""
        return contact.email is not None

    async def send(self, message: Message) -> None:
        """Send it; see :class:`Messenger`."""
        client = aiosmtplib.SMTP(
            hostname=self._host,
            port=self._port,
            use_tls=self._tls,
            start_tls=self._start_tls,
            username=self._user,
            password=self._password,
            timeout=TIMEOUT,
        )
        try:
            await client.connect()
        except (aiosmtplib.SMTPException, OSError) as error:
            raise NotSent(str(error)) from error
        try:
            await client.send_message(self.written(message))
        except _UNPROVEN:
            raise
        except aiosmtplib.SMTPResponseException as error:
            if error.code < _FIRST_REFUSAL:
                raise
            raise NotSent(str(error)) from error
        except aiosmtplib.SMTPException as error:
            raise NotSent(str(error)) from error
        finally:
            client.close()

    def written(self, message: Message) -> EmailMessage:
        """Return the message: Arabic and English, as text and as HTML."""
        mail = EmailMessage()
        mail["From"] = self._sender
        mail["To"] = formataddr((_line(message.to.name.en), message.to.email or ""))
        mail["Subject"] = _line(f"{message.subject.ar} · {message.subject.en}")
        mail["Message-ID"] = f"<{message.id}@{self._sender.partition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(f"{message.body.ar}\n\n{message.body.en}\n")
        parts = [("rtl", "ar", message.body.ar), ("ltr", "en", message.body.en)]
        mail.add_alternative("<hr>".join(_part(*part) for part in parts), subtype="html")
        return mail


class Sms:
    """Posts ``{"id", "to", "text"}`` to a gateway; ``Idempotency-Key`` is the message's id.

    Args:
        token: sent as a bearer token, if there is one.
    """

    name = "sms"

    def __init__(self, url: str, token: str) -> None:
        if urlsplit(url).scheme not in {"http", "https"}:
            raise BootError("bawaba", "BAWABA_SMS_URL", "is no web address", "https://…")
        self._url, self._token = url, token

    def reaches(self, contact: Contact) -> bool:
        """Whoever has a telephone number."""
        return contact.phone is not None

    async def send(self, message: Message) -> None:
        """Send it; see :class:`Messenger`."""
        text = f"{message.subject.ar}\n{message.subject.en}"[:MAX_SMS]
        headers = {"Idempotency-Key": message.id}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        body = {"id": message.id, "to": message.to.phone, "text": text}
        timeout = aiohttp.ClientTimeout(total=TIMEOUT)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            try:
                async with session.post(
                    self._url, json=body, headers=headers, allow_redirects=False
                ) as response:
                    status = response.status
            except aiohttp.ClientConnectorError as error:
                raise NotSent(str(error)) from error
        if status in _REFUSED or status == _UNAVAILABLE:
            raise NotSent(f"the gateway answered {status}")
        if status not in _OK:
            raise asyncio.InvalidStateError(f"the gateway answered {status}")


def _part(direction: str, language: str, text: str) -> str:
    style = "white-space: pre-line"
    return f'<div dir="{direction}" lang="{language}" style="{style}">{html.escape(text)}</div>'


def _line(text: str) -> str:
    """Return a header's value on one line."""
    return " ".join(text.split())
