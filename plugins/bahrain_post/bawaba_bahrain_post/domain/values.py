"""Values of the post. Money is integer fils, rates are basis points (500 is 5 %)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from bawaba.text import Text

from bawaba_bahrain_post.domain.states import PostScanKind

AGENCY = "post"
SERVICE = "post"
POST_ACCOUNT = "agency.post.payable"
CUSTOMS_ACCOUNT = "agency.customs.payable"
MAX_BILLS = 500
"""The most bills that one person is shown."""
MAX_LINES = 8
"""The most lines of a bill."""
MAX_SCANS = 200
"""The most scans that are kept of a shipment."""
MAX_EVENTS = 40
"""The most scans that are shown of a shipment, the newest; a parcel has ten to thirty."""
ROUTINE_SCANS = 190
"""From here on only scans that end something are kept: released, returned, delivered."""
OFFICES = {
    "MANAMA": Text("Manama Central", "المنامة المركزي"),
    "MUHARRAQ": Text("Muharraq", "المحرق"),
    "RIFFA": Text("Riffa", "الرفاع"),
    "ISA_TOWN": Text("Isa Town", "مدينة عيسى"),
    "BUDAIYA": Text("Budaiya", "البديع"),
    "SITRA": Text("Sitra", "سترة"),
    "SEEF": Text("Seef", "السيف"),
}
"""Post offices with boxes, by code. ILLUSTRATIVE: the post's own list replaces it."""


@dataclass(frozen=True, slots=True)
class Scan:
    """One reading of a shipment's label.

    The same kind, instant and place of one shipment is the same scan, however often it is sent.
    ``note`` is what the agency adds in words, if anything.
    """

    tracking_number: str
    kind: PostScanKind
    at: dt.datetime
    place: Text
    note: Text | None = None


@dataclass(frozen=True, slots=True)
class Declaration:
    """What the sender declared to customs: a tariff heading (digits) and the value in fils."""

    heading: str
    value: int


@dataclass(frozen=True, slots=True)
class Consignment:
    """A shipment as the post's own system tells it. Names stay with the recipient and the post."""

    tracking_number: str
    recipient_national_id: str | None = None
    recipient_name: Text | None = None
    declaration: Declaration | None = None
    scans: Sequence[Scan] = ()


@dataclass(frozen=True, slots=True)
class BoxRecord:
    """A rented post box as the post tells it. ``expires_on`` is the last day that is paid."""

    office: str
    number: str
    size: str
    holder_national_id: str
    expires_on: dt.date


@dataclass(frozen=True, slots=True)
class DutyRate:
    """The customs duty of a tariff heading and all below it, from ``since`` to ``until``."""

    heading: str
    name: Text
    rate: int
    since: dt.date
    until: dt.date | None
    source: str


@dataclass(frozen=True, slots=True)
class VatRate:
    """The value-added tax on imports, of value and duty together."""

    rate: int
    since: dt.date
    until: dt.date | None
    source: str


@dataclass(frozen=True, slots=True)
class DutyTerms:
    """What holds for shipments held from ``since`` to ``until`` (both in).

    Values up to ``free_value`` bear neither duty nor tax. ``handling`` is the post's fee for
    clearing. Storage costs ``storage`` a day after ``free_days``, for ``storage_days`` at most.
    """

    since: dt.date
    until: dt.date | None
    free_value: int
    handling: int
    free_days: int
    storage: int
    storage_days: int
    source: str


@dataclass(frozen=True, slots=True)
class Rent:
    """The yearly rent of a box of a size."""

    size: str
    name: Text
    fils: int
    since: dt.date
    until: dt.date | None
    source: str


@dataclass(frozen=True, slots=True)
class BoxTerms:
    """How renewing works for boxes that expire from ``since`` to ``until`` (both in).

    The bill appears ``notice_days`` before the last paid day; for ``grace_days`` after it the box
    can still be renewed, with a ``surcharge``.
    """

    since: dt.date
    until: dt.date | None
    notice_days: int
    grace_days: int
    surcharge: int
    source: str


@dataclass(frozen=True, slots=True)
class Tariffs:
    """Everything that amounts and dates depend on, as data with dates."""

    duties: Sequence[DutyRate]
    vat: Sequence[VatRate]
    duty_terms: Sequence[DutyTerms]
    rents: Sequence[Rent]
    box_terms: Sequence[BoxTerms]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a bill: what for, and how much."""

    words: Text
    fils: int


@dataclass(frozen=True, slots=True)
class Assessment:
    """What customs and the post ask for a held shipment. ``customs`` belongs to customs."""

    lines: Sequence[Line]
    customs: int
    handling: int

    @property
    def fils(self) -> int:
        """The whole, without storage."""
        return self.customs + self.handling


@dataclass(frozen=True, slots=True)
class Price:
    """What a bill comes to on a day, and why. ``not_payable``: why it cannot be paid."""

    fils: int
    lines: Sequence[Line]
    due_on: dt.date | None
    not_payable: Text | None = None
