"""Letters between the platform and the agencies: each signed, sealed, answered and kept.

A plugin names the agency that it speaks for with ``declare_correspondents`` and sends it what it
must know, e.g. that bills were paid. Every letter carries the correlation id of the request that
caused it, and is taken once however often it is sent.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from bawaba.runtime import current

__all__ = ["Answer", "CorrespondencePort", "Correspondent", "Letter", "send", "send_as_agency"]


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

Raising :class:`bawaba.errors.AgencyUnavailable` asks the sender to try again later.
"""


@dataclass(frozen=True, slots=True)
class Correspondent:
    """An agency that the platform exchanges letters with.

    Args:
        agency: its code, of ``declare_agencies``.
        takes: what the platform does with letters *from* the agency, by kind.
        simulated: what the simulated agency does with letters *to* it, by kind. It stands in
            where the demo runs, or where the operator gave the agency no address.
    """

    agency: str
    takes: Mapping[str, Answer] = field(default_factory=dict)
    simulated: Mapping[str, Answer] = field(default_factory=dict)


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

    Runs outside any transaction, as a rule in a retried job. Idempotent by ``key``.

    Raises:
        AgencyUnavailable: no answer, or one that cannot be verified; send it again later.
        LookupError: no loaded plugin speaks for this agency.
    """
    return await current().correspondence.send(agency, kind, body, key)


async def send_as_agency(
    agency: str, kind: str, body: Mapping[str, Any], key: str
) -> Mapping[str, Any]:
    """Send a letter to the platform in the name of a simulated agency; return the reply.

    For simulators alone: a real agency signs with its own key, which the platform does not have.

    Raises:
        AgencyUnavailable: the platform did not answer.
        LookupError: there is no such simulated agency.
    """
    return await current().correspondence.send_as_agency(agency, kind, body, key)
