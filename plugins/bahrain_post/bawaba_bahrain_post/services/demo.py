"""The demo's people, their shipments and boxes. Days are counted from when it is loaded."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from bawaba import runtime
from bawaba.plugin import DemoPerson, Grant, Progress
from bawaba.text import Text

from bawaba_bahrain_post.domain import BoxRecord, Consignment, Declaration, PostScanKind, Scan
from bawaba_bahrain_post.gateway import simulator
from bawaba_bahrain_post.models import PostBox, PostShipment
from bawaba_bahrain_post.rules import s10
from bawaba_bahrain_post.services import boxes, shipments

CITIZEN = DemoPerson("citizen", Text("Maryam Ali Hasan", "مريم علي حسن"), "880514237")
CITIZEN_2 = DemoPerson("citizen-2", Text("Yusuf Ahmed Salman", "يوسف أحمد سلمان"), "910805146")
OFFICER = DemoPerson(
    "post-officer", Text("Huda Jasim", "هدى جاسم"), "850322718", (Grant("post-officer"),)
)
PEOPLE = (CITIZEN, CITIZEN_2, OFFICER)

IN_TRANSIT = s10.made("RR", "47312482", "SG")
HELD = s10.made("CP", "10458207", "GB")
HELD_TOO = s10.made("CV", "33120945", "US")
DELIVERED = s10.made("EE", "90817264", "AE")
ASKED_FOR = s10.made("LX", "55601937", "NL")
"""Known to the post alone, until somebody looks it up."""

_K = PostScanKind
_ABROAD = Text("Office of exchange abroad", "مكتب التبادل في الخارج")
_AIRPORT = Text("Air mail centre, Muharraq", "مركز البريد الجوي، المحرق")
_MANAMA = Text("Manama Central", "المنامة المركزي")
_SENT = ((_K.ACCEPTED, 9, _ABROAD), (_K.DEPARTED, 7, _ABROAD), (_K.ARRIVED, 3, _AIRPORT))
_PHONE, _CLOTHES, _COSMETICS = (
    Declaration("8517", 145_000),
    Declaration("6204", 260_000),
    Declaration("3304", 118_500),
)
Journey = Sequence[tuple[PostScanKind, int, Text]]


def _shipment(
    number: str, who: DemoPerson, declared: Declaration | None, journey: Journey, at: dt.datetime
) -> Consignment:
    scans = [Scan(number, kind, at - dt.timedelta(days=ago), place) for kind, ago, place in journey]
    return Consignment(number, who.national_id, who.name, declared, scans)


def _shipments(at: dt.datetime) -> Iterator[Consignment]:
    home = ((_K.SORTED, 2, _MANAMA), (_K.OUT_FOR_DELIVERY, 1, _MANAMA), (_K.DELIVERED, 1, _MANAMA))
    yield _shipment(IN_TRANSIT, CITIZEN, None, _SENT, at)
    yield _shipment(HELD, CITIZEN, _CLOTHES, (*_SENT, (_K.HELD_FOR_DUTY, 2, _AIRPORT)), at)
    yield _shipment(DELIVERED, CITIZEN_2, None, (*_SENT, *home), at)
    held_long = tuple((kind, ago + 6, place) for kind, ago, place in _SENT)
    yield _shipment(
        HELD_TOO, CITIZEN_2, _COSMETICS, (*held_long, (_K.HELD_FOR_DUTY, 8, _AIRPORT)), at
    )
    yield _shipment(ASKED_FOR, CITIZEN, _PHONE, _SENT[:2], at)


def _boxes(today: dt.date) -> Iterator[BoxRecord]:
    def day(offset: int) -> dt.date:
        return today + dt.timedelta(days=offset)

    yield BoxRecord("MANAMA", "1024", "SMALL", CITIZEN.national_id, day(200))
    yield BoxRecord("RIFFA", "377", "LARGE", CITIZEN.national_id, day(-10))
    yield BoxRecord("MUHARRAQ", "2210", "SMALL", CITIZEN_2.national_id, day(12))


async def load(progress: Progress) -> None:
    """Enter the demo's shipments and boxes; what is there stays as it is."""
    told = list(_shipments(runtime.now()))
    await simulator.register(told)
    for consignment in told:
        number = consignment.tracking_number
        known = await PostShipment.filter(tracking_number=number).exists()
        if number != ASKED_FOR and not known:
            await shipments.store([consignment], ())
    for box in _boxes(runtime.today()):
        if not await PostBox.filter(office=box.office, number=box.number).exists():
            await boxes.register([box])
    progress("post shipments", len(told), len(told))
