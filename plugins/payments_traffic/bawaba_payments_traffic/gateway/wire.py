"""The register's JSON, read and written. Both the real client and the simulator speak it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from bawaba.errors import AgencyUnavailable
from bawaba.text import Text

from bawaba_payments_traffic.domain import (
    CancelledNotice,
    FineRecord,
    FineStatus,
    PaidNotice,
    ReversedNotice,
)


def read_fine(body: Mapping[str, Any]) -> FineRecord:
    """Return the fine that the register describes.

    Raises:
        AgencyUnavailable: the description is not one.
    """
    try:
        referred = body.get("referredOn")
        return FineRecord(
            reference=_words(body["reference"], 40),
            violation=_words(body["violation"], 40),
            plate_number=_words(body["plate"]["number"], 20),
            plate_category=_words(body["plate"]["category"], 20),
            location=Text(_words(body["location"]["en"], 200), _words(body["location"]["ar"], 200)),
            occurred_at=_instant(body["occurredAt"]),
            offered_at=_instant(body["offeredAt"]),
            debtor_national_id=_words(body["debtorNationalId"], 20),
            owner_national_id=_words(body["ownerNationalId"], 20),
            status=FineStatus(body["status"]),
            referred_on=dt.date.fromisoformat(referred) if referred else None,
            receipt=body.get("receipt"),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise AgencyUnavailable("the traffic directorate described a fine badly") from error


def write_fine(fine: FineRecord) -> dict[str, Any]:
    """Return ``fine`` as the register describes it."""
    return {
        "reference": fine.reference,
        "violation": fine.violation,
        "plate": {"number": fine.plate_number, "category": fine.plate_category},
        "location": {"en": fine.location.en, "ar": fine.location.ar},
        "occurredAt": fine.occurred_at.isoformat(),
        "offeredAt": fine.offered_at.isoformat(),
        "debtorNationalId": fine.debtor_national_id,
        "ownerNationalId": fine.owner_national_id,
        "status": fine.status.value,
        "referredOn": fine.referred_on.isoformat() if fine.referred_on else None,
        "receipt": fine.receipt,
    }


def write_paid(notice: PaidNotice) -> dict[str, Any]:
    """Return the notice of a payment as the register takes it."""
    return {
        "itemId": notice.item_id,
        "reference": notice.reference,
        "receipt": notice.receipt,
        "fils": notice.fils,
        "paidAt": notice.paid_at.isoformat(),
        "channel": notice.channel,
    }


def write_reversed(notice: ReversedNotice) -> dict[str, Any]:
    """Return the notice of a reversal as the register takes it."""
    return {
        "refundId": notice.refund_id,
        "itemId": notice.item_id,
        "reference": notice.reference,
        "fils": notice.fils,
        "inFull": notice.in_full,
        "refundedAt": notice.refunded_at.isoformat(),
    }


def write_cancelled(notice: CancelledNotice) -> dict[str, Any]:
    """Return the notice of a cancellation as the register takes it."""
    return {
        "objectionId": notice.objection_id,
        "reference": notice.reference,
        "decidedAt": notice.decided_at.isoformat(),
    }


def _words(value: Any, most: int) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= most:
        raise ValueError("not a text of acceptable length")
    return value


def _instant(value: str) -> dt.datetime:
    instant = dt.datetime.fromisoformat(value)
    if instant.tzinfo is None:
        raise ValueError("an instant without an offset")
    return instant.astimezone(dt.UTC)
