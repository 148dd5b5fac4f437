"""Statistics as a sheet of comma-separated values (RFC 4180), safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from bawaba.money import format_fils
from bawaba.text import Language, Text

from bawaba_accounting.domain import Dimension, Figures, Group, Statistics
from bawaba_accounting.rules.asking import Asked
from bawaba_accounting.rules.words import CHANNELS

__all__ = ["MARK", "Names", "sheet"]

MARK = "\ufeff"
"""The byte order mark, once encoded."""
_PERIODS = {Dimension.YEAR, Dimension.MONTH, Dimension.DAY}
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_WORDS = {
    "row": Text("Row", "الصف"),
    "service": Text("Service code", "رمز الخدمة"),
    "service_name": Text("Service", "الخدمة"),
    "agency": Text("Agency code", "رمز الجهة"),
    "agency_name": Text("Agency", "الجهة"),
    "channel": Text("Channel code", "رمز القناة"),
    "channel_name": Text("Channel", "القناة"),
    "gateway": Text("Payment gateway", "بوابة الدفع"),
    "starts_on": Text("From", "من"),
    "ends_on": Text("To", "إلى"),
    "count": Text("Paid items", "عدد البنود المدفوعة"),
    "amount": Text("Gross amount", "المبلغ الإجمالي"),
    "refunded": Text("Refunded", "المبالغ المردودة"),
    "currency": Text("Currency", "العملة"),
    "share": Text("Share of the amount", "الحصة من المبلغ"),
    "rank_by_count": Text("Rank by count", "الترتيب حسب العدد"),
    "rank_by_amount": Text("Rank by amount", "الترتيب حسب المبلغ"),
}
_TOTAL = Text("Total", "الإجمالي")
_GROUP = Text("Group", "مجموعة")
_CURRENCY = "BHD"


@dataclass(frozen=True, slots=True)
class Names:
    """The names of services and agencies by code; what has none is named by its code."""

    services: Mapping[str, Text]
    agencies: Mapping[str, Text]


def sheet(found: Statistics, wanted: Asked, names: Names) -> str:
    """Return the sheet: a header, a row for each group, and a total where it is asked for.

    Without groups there is one row, of everything asked for. Amounts are dinars with three
    decimals. A word that a spreadsheet would run as a formula gets an apostrophe before it.
    """
    columns = _columns(wanted)
    groups = found.groups or ([] if wanted.query.dimensions else [_whole(found.total)])
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    language = wanted.language
    writer.writerow([_WORDS[name].in_(language) if language else name for name in columns])
    for group in groups:
        cells = _cells(group, names, language)
        writer.writerow([cells[name] for name in columns])
    if wanted.total:
        cells = _cells(_whole(found.total), names, language)
        cells["row"] = _TOTAL.in_(language) if language else "total"
        cells["rank_by_count"] = cells["rank_by_amount"] = ""
        writer.writerow([cells[name] for name in columns])
    return (MARK if wanted.mark else "") + out.getvalue()


def _columns(wanted: Asked) -> list[str]:
    """Return the columns: those of what is grouped by, then the figures, always in one order."""
    asked, found = wanted.query.dimensions, ["row"] if wanted.total else []
    for dimension in (Dimension.SERVICE, Dimension.AGENCY, Dimension.CHANNEL):
        if dimension in asked:
            word = dimension.value.lower()
            found += [word, f"{word}_name"] if wanted.language else [word]
    if Dimension.GATEWAY in asked:
        found.append("gateway")
    if _PERIODS & set(asked):
        found += ["starts_on", "ends_on"]
    figures = ["count", "amount", "refunded", "currency", "share"]
    return [*found, *figures, "rank_by_count", "rank_by_amount"]


def _whole(total: Figures) -> Group:
    return Group(total, share=1.0 if total.fils else 0.0, rank_by_amount=1, rank_by_count=1)


def _cells(group: Group, names: Names, language: Language | None) -> dict[str, str]:
    spoken = language or Language.EN
    service, agency, channel = group.service or "", group.agency or "", group.channel or ""
    return {
        "row": _GROUP.in_(language) if language else "group",
        "service": _plain(service),
        "service_name": _named(names.services, service, spoken),
        "agency": _plain(agency),
        "agency_name": _named(names.agencies, agency, spoken),
        "channel": _plain(channel),
        "channel_name": _named(CHANNELS, channel, spoken),
        "gateway": _plain(group.gateway or ""),
        "starts_on": group.starts_on.isoformat() if group.starts_on else "",
        "ends_on": group.ends_on.isoformat() if group.ends_on else "",
        "count": str(group.figures.count),
        "amount": format_fils(group.figures.fils),
        "refunded": format_fils(group.figures.refunded),
        "currency": _CURRENCY,
        "share": f"{group.share:.6f}",
        "rank_by_count": str(group.rank_by_count),
        "rank_by_amount": str(group.rank_by_amount),
    }


def _named(names: Mapping[str, Text], code: str, language: Language) -> str:
    return _plain(names[code].in_(language) if code in names else code)


def _plain(words: str) -> str:
    """Return ``words`` so that no spreadsheet takes them for a formula.

    What begins with signs that are not seen is judged by what follows: programs pass them over.
    """
    unseen = 0
    while unseen < len(words) and unicodedata.category(words[unseen]) in {"Zs", "Zl", "Zp", "Cf"}:
        unseen += 1
    return f"'{words}" if words.startswith(_DANGEROUS, unseen) else words
