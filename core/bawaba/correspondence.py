"""Letters between the platform and the agencies: each signed, sealed, answered and kept.

A plugin names the agency that it speaks for with ``declare_correspondents`` and sends it what it
must know, e.g. that bills were paid. Every letter carries the correlation id of the request that
caused it, and is taken once however often it is sent.

A letter counts as delivered when the receiver's signed receipt for exactly this letter is verified
and in the hash-chained message log. ``docs/operations.md`` says how a real agency is connected.
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
    """A letter as its receiver reads it, opened and verified.

    Args:
        agency: code of the agency on the other end, whichever way the letter goes.
        kind: what it is about; starts with the plugin's prefix: ``post.scans``.
        body: JSON values: text, whole numbers, booleans, lists, objects.
        key: unique to what it says: a repetition carries the same one and counts once.
        sent_at: when its sender signed it, UTC.
    """

    agency: str
    kind: str
    body: Mapping[str, Any]
    key: str
    correlation_id: str
    sent_at: dt.datetime


Answer = Callable[[Letter], Awaitable[Mapping[str, Any]]]
"""Takes a letter in one transaction, and returns the reply: JSON values.

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
        takes: what the platform does with letters *from* the agency, by kind.
        simulated: what the simulated agency does with letters *to* it, by kind. It stands in
            where the operator gave the agency no address, as in the demo.
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

    Raises:
        AgencyUnavailable: no answer, or one that cannot be verified; send it again later, with
            the same key and the same body.
        LookupError: no loaded plugin speaks for this agency.
        ValueError: a malformed or too long letter (256 KB sealed), or a key that was used for
            another body.
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
