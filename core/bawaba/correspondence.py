"""Letters: secure messages between the platform and the agencies' own systems.

A letter is signed by its sender (JWS, RFC 7515) and then encrypted to its receiver (JWE, RFC 7516).
It is sent at least once and handled once, by its idempotency key, and carries the correlation id
of the request that caused it. It is delivered when the receiver's signed receipt for exactly this
letter is verified and appended to the hash-chained message log: non-repudiation of receipt.

A plugin names the agency that it speaks for with ``declare_correspondents`` and sends it what it
must know, e.g. that bills were paid. ``docs/operations.md`` says how a real agency is connected.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from bawaba.runtime import current

__all__ = [
    "Answer",
    "CorrespondencePort",
    "Correspondent",
    "Letter",
    "Line",
    "send",
    "send_as_agency",
]


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as its receiver reads it, decrypted and with its signature verified.

    Args:
        agency: code of the agency on the other end, whichever way the letter goes.
        kind: the message type; starts with the plugin's prefix: ``post.scans``.
        body: JSON values: text, whole numbers of 64 bits, booleans, lists, objects.
        key: idempotency key: a retry carries the same one and is handled once.
        sent_at: when its sender signed it (``iat``), UTC.
    """

    agency: str
    kind: str
    body: Mapping[str, Any]
    key: str
    correlation_id: str
    sent_at: dt.datetime


Answer = Callable[[Letter], Awaitable[Mapping[str, Any]]]
"""Handles a letter in one transaction, and returns the reply: JSON values.

That the letter was taken, and the reply, are stored in the same transaction: a repetition gets the
stored reply and is not handled again. So nothing slow here, no sleeping and no letter in turn:
enqueue a job for that. Raising :class:`bawaba.errors.AgencyUnavailable` undoes the transaction and
asks the sender to try again later. The log keeps bodies sealed but replies readable: nothing about
people belongs into a reply, or into a key.
"""

Line = Callable[[Letter], AbstractAsyncContextManager[None]]
"""The way to a simulated agency's desk, e.g. a slow one. What it does before the block comes before
the letter is taken, what it does after comes when it is stored; the transaction stands inside.
Raising :class:`bawaba.errors.AgencyUnavailable` before the block is an outage; after it, an answer
that is lost on its way.
"""


@dataclass(frozen=True, slots=True)
class Correspondent:
    """An agency that the platform exchanges letters with.

    Args:
        agency: its code, of ``declare_agencies``.
        takes: handlers of letters *from* the agency, by kind.
        simulated: handlers of the simulated agency for letters *to* it, by kind. It stands in for
            an agency without an address, in the demo and where the operator names it; nowhere else.
        line: what letters to the simulated agency come over; None: a good one.

    Several plugins may correspond with one agency; the kinds of each start with its own prefix.
    """

    agency: str
    takes: Mapping[str, Answer] = field(default_factory=dict)
    simulated: Mapping[str, Answer] = field(default_factory=dict)
    line: Line | None = None


class CorrespondencePort(Protocol):
    """What the host binds."""

    async def send(
        self, agency: str, kind: str, body: Mapping[str, Any], key: str
    ) -> Mapping[str, Any]:
        """See :func:`send`."""
        ...

    async def send_as_agency(
        self, agency: str, kind: str, body: Mapping[str, Any], key: str
    ) -> Mapping[str, Any]:
        """See :func:`send_as_agency`."""
        ...


async def send(agency: str, kind: str, body: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Send a letter to an agency and return its reply, once its receipt is verified.

    Runs outside any transaction, as a rule in a retried job. Idempotent by ``key``: where the
    receipt is in the log already, its reply is returned and nothing is sent.

    A letter to an agency that has no address yet is queued, and so is every later one until that
    has gone out: they are sent in order, and the job is run again once they have been.

    Raises:
        AgencyNotConnected: it is queued; let it pass on, so that the job waits.
        AgencyUnavailable: no answer, or one that cannot be verified; send it again later, with
            the same key and the same body.
        LookupError: no loaded plugin speaks for this agency.
        ValueError: a malformed or too long letter (over 140 KB of JSON), or a key that was used
            for another body.
        RuntimeError: called inside a transaction.
    """
    return await current().correspondence.send(agency, kind, body, key)


async def send_as_agency(
    agency: str, kind: str, body: Mapping[str, Any], key: str
) -> Mapping[str, Any]:
    """Send a letter to the platform in the name of a simulated agency; return the reply.

    For simulators alone: a real agency signs with its own key, which the platform does not have.

    Raises as :func:`send`.
    """
    return await current().correspondence.send_as_agency(agency, kind, body, key)
