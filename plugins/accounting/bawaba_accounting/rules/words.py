"""The words of the public page, in both languages, and how it writes figures and days."""

from __future__ import annotations

import datetime as dt

from bawaba.money import allocate
from bawaba.text import Language, Text

__all__ = [
    "CHANNELS",
    "PAGE",
    "brief",
    "brief_dinars",
    "day",
    "instant",
    "money",
    "month",
    "percents",
]

CHANNELS = {
    "PORTAL": Text("Web portal", "البوابة الإلكترونية"),
    "MOBILE_APP": Text("Mobile application", "تطبيق الهاتف"),
    "KIOSK": Text("Kiosk", "جهاز الخدمة الذاتية"),
    "CALL_CENTRE": Text("Call centre", "مركز الاتصال"),
    "SERVICE_CENTRE": Text("Service centre", "مركز الخدمة"),
}
PAGE = {
    "title": Text("The portal in figures", "البوابة بالأرقام"),
    "lead": Text(
        "What citizens and residents have paid through the national portal since 2007, "
        "read from its books.",
        "ما سدّده المواطنون والمقيمون عبر البوابة الوطنية منذ عام 2007، كما هو في دفاترها.",
    ),
    "other_language": Text("العربية", "English"),
    "count": Text("Paid items", "البنود المدفوعة"),
    "amount": Text("Gross amount", "المبلغ الإجمالي"),
    "amount_unit": Text("Gross amount, BHD", "المبلغ الإجمالي بالدينار"),
    "dinars": Text("BHD {amount}", "{amount} د.ب."),
    "refunded": Text("Refunded", "المبالغ المردودة"),
    "as_of": Text("As of the newest journal in the books:", "حتى أحدث قيد في الدفاتر:"),
    "journal": Text("journal", "القيد رقم"),
    "empty": Text("The books hold no figures yet.", "لا توجد أرقام في الدفاتر بعد."),
    "live": Text("Live: moves with each booking", "مباشر: يتحرك مع كل قيد"),
    "paused": Text("Not live now; trying again", "غير مباشر الآن؛ تُعاد المحاولة"),
    "integrity": Text("Can the figures be trusted?", "هل يمكن الوثوق بالأرقام؟"),
    "intact": Text("Intact", "سليمة"),
    "broken": Text("A fault was found; it is being looked into.", "وُجد خلل وهو قيد البحث."),
    "unchecked": Text("No check has finished yet.", "لم يكتمل أي فحص بعد."),
    "last_check": Text("Last finished check of the books", "آخر فحص مكتمل للدفاتر"),
    "checked": Text("Journals checked", "القيود المفحوصة"),
    "head": Text("Hash of the newest of them", "بصمة أحدثها"),
    "trial": Text("Trial balance", "ميزان المراجعة"),
    "balanced": Text("Balanced: debits equal credits", "متوازن: المدين يساوي الدائن"),
    "unbalanced": Text("Not balanced", "غير متوازن"),
    "services": Text("Services", "الخدمات"),
    "services_by_count": Text(
        "Services by number of paid items", "الخدمات حسب عدد البنود المدفوعة"
    ),
    "services_by_amount": Text("Services by gross amount", "الخدمات حسب المبلغ الإجمالي"),
    "services_share": Text("Share of the gross amount", "الحصة من المبلغ الإجمالي"),
    "ranking": Text("Ranking of the services", "ترتيب الخدمات"),
    "channels": Text("Channels", "القنوات"),
    "channels_by_count": Text(
        "Channels by number of paid items", "القنوات حسب عدد البنود المدفوعة"
    ),
    "channels_by_amount": Text("Channels by gross amount", "القنوات حسب المبلغ الإجمالي"),
    "years": Text("Year by year", "عاماً بعد عام"),
    "years_by_count": Text("Paid items by year", "البنود المدفوعة حسب السنة"),
    "years_by_amount": Text("Gross amount by year, BHD", "المبلغ الإجمالي حسب السنة بالدينار"),
    "months": Text("The last 24 months with payments", "آخر 24 شهراً جرى فيها دفع"),
    "months_gap": Text(
        "A dashed line stands where months without payments are left out.",
        "يدل الخط المتقطع على أشهر بلا مدفوعات لم تُعرض.",
    ),
    "months_by_count": Text("Paid items by month", "البنود المدفوعة حسب الشهر"),
    "months_by_amount": Text("Gross amount by month, BHD", "المبلغ الإجمالي حسب الشهر بالدينار"),
    "as_table": Text("The same as a table", "البيانات نفسها في جدول"),
    "rank_by_count": Text("By count", "حسب العدد"),
    "rank_by_amount": Text("By amount", "حسب المبلغ"),
    "rank": Text("Rank", "الترتيب"),
    "service": Text("Service", "الخدمة"),
    "agency": Text("Agency", "الجهة"),
    "channel": Text("Channel", "القناة"),
    "year": Text("Year", "السنة"),
    "month": Text("Month", "الشهر"),
    "share": Text("Share", "الحصة"),
    "others": Text("Other services ({count})", "خدمات أخرى ({count})"),
    "total": Text("Total", "الإجمالي"),
    "described": Text("{title}. Largest: {label}, {shown}.", "{title}. الأكبر: {label}، {shown}."),
    "what": Text("What is counted", "ما الذي يُحسب"),
    "what_items": Text(
        "The count is of paid items: a payment that settles three bills counts three, so that "
        "the parts add up to the whole.",
        "العدد هو عدد البنود المدفوعة: فالدفعة التي تسدّد ثلاث فواتير تُحسب ثلاثة بنود، لكي "
        "تساوي الأجزاءُ المجموع.",
    ),
    "what_gross": Text(
        "The amount is gross: what was paid for the items, in Bahraini dinars and to the last "
        "fils. Refunds are shown apart and take nothing off count or amount.",
        "المبلغ إجمالي: ما دُفع عن البنود بالدينار البحريني وبدقة الفلس. وتُعرض المبالغ المردودة "
        "على حدة ولا تُنقص العدد ولا المبلغ.",
    ),
    "what_source": Text(
        "Every figure is read from the double-entry books in which each payment is recorded "
        "when it is settled. The sums are kept by the transaction that records it, and a check "
        "compares them with the journals again and again.",
        "يُقرأ كل رقم من دفاتر القيد المزدوج التي تُسجَّل فيها كل عملية دفع عند تسويتها. وتُحفظ "
        "المجاميع في المعاملة نفسها التي تسجّل القيد، ويقارنها فحص دوري بالقيود.",
    ),
    "what_forwarded": Text(
        "Of these, {count} items worth {amount} were brought forward from the years before "
        "these books; they are dated in their own month.",
        "ومن ذلك {count} من البنود بقيمة {amount} مُرحَّلة من السنوات السابقة لهذه الدفاتر، "
        "ومؤرخة بأشهرها.",
    ),
    "what_demo": Text(
        "This is a demonstration. The totals brought forward and the order of the services are "
        "those that the portal reported of itself; how they are spread over services, channels "
        "and months is illustrative.",
        "هذا عرض تجريبي. المجاميع المُرحَّلة وترتيب الخدمات كما أعلنتها البوابة عن نفسها؛ "
        "أما توزيعها على الخدمات والقنوات والأشهر فتوضيحي.",
    ),
    "data": Text("Take the data", "تنزيل البيانات"),
    "data_lead": Text(
        "Comma-separated values (CSV), from the same books.",
        "ملف قيم مفصولة بفواصل (CSV) من الدفاتر نفسها.",
    ),
    "by_service": Text("By service", "حسب الخدمة"),
    "by_channel": Text("By channel", "حسب القناة"),
    "by_year": Text("By service and year", "حسب الخدمة والسنة"),
    "by_agency": Text("By agency and month", "حسب الجهة والشهر"),
    "from": Text("From", "من"),
    "to": Text("To", "إلى"),
    "any": Text("All", "الكل"),
    "group_by": Text("Group by", "التجميع حسب"),
    "with_total": Text("A row with the total", "صف للإجمالي"),
    "for_excel": Text("For Excel", "لبرنامج Excel"),
    "download": Text("Download", "تنزيل"),
    "gateway": Text("Payment gateway", "بوابة الدفع"),
    "day": Text("Day", "اليوم"),
}
_MONTHS = (
    Text("January", "يناير"),
    Text("February", "فبراير"),
    Text("March", "مارس"),
    Text("April", "أبريل"),
    Text("May", "مايو"),
    Text("June", "يونيو"),
    Text("July", "يوليو"),
    Text("August", "أغسطس"),
    Text("September", "سبتمبر"),
    Text("October", "أكتوبر"),
    Text("November", "نوفمبر"),
    Text("December", "ديسمبر"),
)
_SCALES = (
    (1_000_000_000, Text("{n} bn", "{n} مليار")),
    (1_000_000, Text("{n} m", "{n} مليون")),
    (1_000, Text("{n} k", "{n} ألف")),
)
_SHORT = 3


def money(fils: int) -> str:
    """Return dinars with three decimals and thousands apart: ``157,609,522.000``."""
    sign, absolute = ("-", -fils) if fils < 0 else ("", fils)
    return f"{sign}{absolute // 1000:,}.{absolute % 1000:03d}"


def brief(value: int, language: Language) -> str:
    """Return a round number shortly: ``2 m``, ``500 k``."""
    for size, words in _SCALES:
        if value >= size:
            number = f"{value / size:.3f}".rstrip("0").rstrip(".")
            return words.fill(n=number).in_(language)
    return str(value)


def brief_dinars(fils: int, language: Language) -> str:
    """Return a round amount of dinars shortly; below one dinar, its decimals."""
    return brief(fils // 1000, language) if fils % 1000 == 0 else money(fils)


def month(first: dt.date, language: Language, *, short: bool = False) -> str:
    """Return the month's name with its year, or ``short`` without it; no Arabic name is cut."""
    name = _MONTHS[first.month - 1].in_(language)
    if short:
        return name[:_SHORT] if language is Language.EN else name
    return f"{name} {first.year}"


def day(on: dt.date, language: Language) -> str:
    """Return a day in words: 1 March 2026."""
    return f"{on.day} {month(on, language)}"


def instant(at: dt.datetime, language: Language) -> str:
    """Return a local instant in words, to the second, with its distance from UTC."""
    offset = f"{at:%z}"
    comma = "،" if language is Language.AR else ","
    return f"{day(at.date(), language)}{comma} {at:%H:%M:%S} (UTC{offset[:3]}:{offset[3:5]})"


def percents(values: list[int]) -> list[str]:
    """Return each value's share of all, in per cent with one decimal; they add up to 100.0."""
    if sum(values) <= 0:
        return ["0.0%" for _ in values]
    return [f"{part // 10}.{part % 10}%" for part in allocate(1000, values)]
