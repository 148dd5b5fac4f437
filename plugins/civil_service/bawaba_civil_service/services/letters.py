"""Letters with the bureau: what is taken from it, each key once, and what it is told."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import orjson
from bawaba import correspondence, db, runtime
from bawaba.correspondence import Correspondent, Letter
from bawaba.errors import AgencyUnavailable

from bawaba_civil_service.domain import (
    AGENCY,
    MAX_BATCH,
    REASON_LENGTH,
    CivilServiceLeaveStatus,
)
from bawaba_civil_service.gateway import simulator
from bawaba_civil_service.models import CivilLeave, CivilLetter
from bawaba_civil_service.refusals import BadText
from bawaba_civil_service.rules import papers, wire
from bawaba_civil_service.services import issuing, payslips, records

RECORDS, PAYSLIPS, REVOKED = (
    "civilService.records", "civilService.payslips", "civilService.revoked",
)  # fmt: skip
Reply = Mapping[str, Any]
_OTHER = {"problem": "another letter was taken under this key"}
_MALFORMED = {"problem": "the letter is not well formed"}


async def _once(letter: Letter, work: Callable[[], Awaitable[Reply]]) -> Reply:
    """Do ``work`` once for the letter's key, in one transaction; return its reply then and later.

    A letter with another content under a known key changes nothing and is told so.

    Raises:
        AgencyUnavailable: it arrived twice at the same moment; the sender tries again.
    """
    content = [letter.kind, letter.body]
    digest = hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()
    try:
        return await _taken(letter, digest, work)
    except db.IntegrityError as error:
        raise AgencyUnavailable("the same letter is being taken just now") from error


async def _taken(letter: Letter, digest: str, work: Callable[[], Awaitable[Reply]]) -> Reply:
    async with db.transaction():
        known = await CivilLetter.get_or_none(key=letter.key)
        if known is not None:
            kept: Reply = known.reply
            return kept if known.digest == digest else _OTHER
        reply = await work()
        await CivilLetter.create(
            key=letter.key,
            kind=letter.kind,
            digest=digest,
            reply=dict(reply),
            taken_at=runtime.now(),
        )
    return reply


def _items(letter: Letter, name: str) -> list[Any]:
    items = letter.body[name]
    if not isinstance(items, list) or not 1 <= len(items) <= MAX_BATCH:
        raise ValueError(f"{name} are 1 to {MAX_BATCH}")
    return items


async def take_records(letter: Letter) -> Reply:
    """Take new employees and changed records."""
    try:
        told = [wire.read_record(item) for item in _items(letter, "records")]
    except wire.MALFORMED:
        return _MALFORMED

    async def work() -> Reply:
        news, refused = await records.take(told)
        return {"taken": news, "refused": refused}

    return await _once(letter, work)


async def take_payslips(letter: Letter) -> Reply:
    """Take the payslips of a month."""
    try:
        told = [wire.read_payslip(item) for item in _items(letter, "payslips")]
    except wire.MALFORMED:
        return _MALFORMED

    async def work() -> Reply:
        news, refused = await payslips.take(told)
        return {"taken": news, "refused": refused}

    return await _once(letter, work)


async def take_revocation(letter: Letter) -> Reply:
    """Revoke a certificate: what it states turned out to be wrong."""
    try:
        code = papers.typed_code(letter.body["verificationCode"]) or ""
        reason = papers.bounded_text(letter.body["reason"], REASON_LENGTH)
    except (*wire.MALFORMED, BadText):
        return _MALFORMED

    async def work() -> Reply:
        return {"isRevoked": await issuing.revoke(code, reason)}

    return await _once(letter, work)


async def tell_leave(payload: Mapping[str, Any]) -> None:
    """Tell the bureau how a leave stands (a job); what is not so any more is left to a later one.

    Jobs that are tried again overtake each other: the last that the bureau hears must be true.
    """
    row = await CivilLeave.get(id=payload["leave"]).values(
        "kind", "first_on", "last_on", "days", "status", "employee__employee_number"
    )
    if _is_past(payload, row):
        return
    body = {
        "leave": payload["leave"],
        "employeeNumber": row["employee__employee_number"],
        "kind": row["kind"],
        "firstOn": row["first_on"].isoformat(),
        "lastOn": row["last_on"].isoformat(),
        "days": payload["days"],
        "status": payload["status"],
    }
    key = f"civilService.leave:{payload['leave']}:{payload['status']}:{payload['days']}"
    await correspondence.send(AGENCY, "civilService.leave", body, key)


def _is_past(payload: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
    """Return whether another letter tells how the leave stands: days given back, or cancelled."""
    cancelled = CivilServiceLeaveStatus.CANCELLED.value
    given_up = row["status"] == cancelled != payload["status"]
    return given_up or bool(row["days"] != payload["days"])


CORRESPONDENTS = (
    Correspondent(
        AGENCY,
        takes={
            RECORDS: take_records,
            PAYSLIPS: take_payslips,
            REVOKED: take_revocation,
        },
        simulated={
            f"civilService.{kind}": simulator.take
            for kind in ("paid", "reversed", "issued", "leave")
        },
        line=simulator.line,
    ),
)
