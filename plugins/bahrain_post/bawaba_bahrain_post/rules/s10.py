"""Tracking numbers by UPU standard S10: two letters, eight digits, a check digit, a country.

The check digit is 11 - (sum of digit x weight) mod 11, where 10 is written 0 and 11 is written 5.
So two remainders share the digit 5: 0 (written 5) and 6 (11 - 6). It follows which errors of one
digit, or of two digits that changed places, pass unseen: exactly those that turn the one of these
remainders into the other. Every other one is found: the weights differ, and 11 is prime.
"""

from __future__ import annotations

import enum
import re

from bawaba.text import Text

WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)
"""The weights of the eight digits of the serial number."""
TWINS = frozenset({0, 6})
"""The two remainders whose check digit is the same."""
SERVICES = {
    "A": Text("domestic or bilateral", "محلي أو ثنائي"),
    "B": Text("domestic or bilateral", "محلي أو ثنائي"),
    "C": Text("parcel", "طرد"),
    "D": Text("domestic or bilateral", "محلي أو ثنائي"),
    "E": Text("express (EMS)", "بريد ممتاز"),
    "G": Text("domestic or bilateral", "محلي أو ثنائي"),
    "H": Text("e-commerce parcel", "طرد تجارة إلكترونية"),
    "L": Text("tracked letter", "رسالة متتبعة"),
    "M": Text("M bag", "كيس مطبوعات"),
    "N": Text("domestic or bilateral", "محلي أو ثنائي"),
    "P": Text("domestic or bilateral", "محلي أو ثنائي"),
    "Q": Text("business reply", "رد تجاري"),
    "R": Text("registered letter", "رسالة مسجلة"),
    "U": Text("letter", "رسالة"),
    "V": Text("insured letter", "رسالة مؤمَّن عليها"),
    "Z": Text("domestic or bilateral", "محلي أو ثنائي"),
}
"""First letters of the service indicators in use. The others are reserved, and refused."""
_ISO_CODES = (
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO "
    "BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ "
    "DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP "
    "GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG "
    "KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML "
    "MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE "
    "PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL "
    "SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM "
    "US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW "
)
COUNTRIES = frozenset(_ISO_CODES.split())
"""ISO 3166-1 alpha-2 codes."""
_FORM = re.compile(r"[A-Z]{2}[0-9]{9}[A-Z]{2}")
_GAPS = re.compile(r"[\s\-]")
_LONGEST = 40
"""Of what was typed; longer texts are not looked at."""


class Flaw(enum.Enum):
    """Why something is not a tracking number."""

    FORM = Text(
        "A tracking number is two letters, nine digits and two letters.",
        "يتكون رقم التتبع من حرفين ثم تسعة أرقام ثم حرفين.",
    )
    SERVICE = Text(
        "The first letter names no postal service.", "الحرف الأول لا يدل على خدمة بريدية."
    )
    COUNTRY = Text("The last two letters name no country.", "الحرفان الأخيران لا يدلان على دولة.")
    CHECK_DIGIT = Text(
        "The check digit does not match: look for a mistyped digit.",
        "رقم التحقق لا يطابق: تأكد من الأرقام.",
    )


def normalised(typed: str) -> str:
    """Return a tracking number as it is kept: capitals, without spaces and hyphens."""
    return _GAPS.sub("", typed[:_LONGEST]).upper()


def remainder(serial: str) -> int:
    """Return the weighted sum of the eight digits modulo 11."""
    return sum(int(digit) * weight for digit, weight in zip(serial, WEIGHTS, strict=True)) % 11


def check_digit(serial: str) -> str:
    """Return the check digit of eight digits.

    Raises:
        ValueError: not eight digits.
    """
    if not re.fullmatch(r"[0-9]{8}", serial):
        raise ValueError("a serial number is eight digits")
    digit = 11 - remainder(serial)
    return {10: "0", 11: "5"}.get(digit, str(digit))


def made(service: str, serial: str, country: str) -> str:
    """Return the tracking number of a service indicator, a serial number and a country."""
    return f"{service}{serial}{check_digit(serial)}{country}"


def flaw(number: str) -> Flaw | None:
    """Return what is wrong with a normalised tracking number; None: nothing."""
    if not _FORM.fullmatch(number):
        return Flaw.FORM
    if number[0] not in SERVICES:
        return Flaw.SERVICE
    if number[-2:] not in COUNTRIES:
        return Flaw.COUNTRY
    if check_digit(number[2:10]) != number[10]:
        return Flaw.CHECK_DIGIT
    return None
