"""What the demo's citizens say, in both languages, by category; ``*`` where there is nothing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Story:
    """A subject and a body in English and Arabic."""

    subject_en: str
    body_en: str
    subject_ar: str
    body_ar: str

    def subject(self, language: int) -> str:
        """Return the subject: 0 English, 1 Arabic."""
        return (self.subject_en, self.subject_ar)[language]

    def body(self, language: int) -> str:
        """Return the body: 0 English, 1 Arabic."""
        return (self.body_en, self.body_ar)[language]


STORIES: dict[str, tuple[Story, ...]] = {
    "roads": (
        Story(
            "Deep pothole on Exhibition Avenue",
            "A deep pothole near the junction damages cars, above all at night.",
            "حفرة عميقة في شارع المعارض",
            "توجد حفرة عميقة قرب التقاطع تتلف السيارات خاصة في الليل.",
        ),
        Story(
            "Broken kerb in Isa Town",
            "The kerb in front of the school is broken and children stumble.",
            "رصيف مكسور في مدينة عيسى",
            "الرصيف أمام المدرسة مكسور ويتعثر به الأطفال.",
        ),
    ),
    "sewerage": (
        Story(
            "Overflowing manhole in Muharraq",
            "The manhole overflows since yesterday and the smell is strong.",
            "طفح مجاري في المحرق",
            "تطفح فتحة المجاري منذ الأمس والرائحة شديدة.",
        ),
        Story(
            "Rainwater pool in Sitra",
            "Rainwater stands in the road for three days after each rain.",
            "تجمع مياه الأمطار في سترة",
            "تبقى مياه الأمطار في الطريق ثلاثة أيام بعد كل مطر.",
        ),
    ),
    "street-lighting": (
        Story(
            "Street lights out in Riffa",
            "All lamps of the road are out for a week.",
            "إنارة معطلة في الرفاع",
            "جميع أعمدة الإنارة في الطريق معطلة منذ أسبوع.",
        ),
    ),
    "waste": (
        Story(
            "Waste not collected in Budaiya",
            "The containers were not emptied this week.",
            "عدم رفع المخلفات في البديع",
            "لم تُفرغ الحاويات هذا الأسبوع.",
        ),
    ),
    "parks": (
        Story(
            "Broken swing in the garden",
            "A swing in the garden is broken and has sharp edges.",
            "أرجوحة مكسورة في الحديقة",
            "الأرجوحة في الحديقة مكسورة ولها حواف حادة.",
        ),
    ),
    "appointments": (
        Story(
            "Appointment put off twice",
            "My appointment at the clinic was put off twice without notice.",
            "تأجيل الموعد مرتين",
            "أُجل موعدي في العيادة مرتين دون إشعار.",
        ),
    ),
    "school-transport": (
        Story(
            "School bus comes late",
            "The bus is late every morning by half an hour.",
            "تأخر الحافلة المدرسية",
            "تتأخر الحافلة كل صباح نصف ساعة.",
        ),
    ),
    "*": (
        Story(
            "I would like an answer",
            "I asked at the counter and was not given a clear answer.",
            "أرجو الرد على طلبي",
            "سألت في مركز الخدمة ولم أحصل على إجابة واضحة.",
        ),
        Story(
            "A proposal to save time",
            "This could be done without paper and without a visit.",
            "مقترح لتوفير الوقت",
            "يمكن إنجاز ذلك بلا ورق ودون زيارة.",
        ),
    ),
}
