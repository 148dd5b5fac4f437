"""GraphQL types of the core that plugins name in their own: Agency, Service, Bill, Person."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping
from typing import Any

import strawberry

from bawaba import catalogue, files, payments
from bawaba.graphql import (
    Info,
    LanguageArgument,
    Money,
    Node,
    computed,
    described,
    enum_value,
    global_id,
    leaf,
)
from bawaba.runtime import current
from bawaba.text import both
from bawaba.viewer import Viewer

__all__ = [
    "Agency",
    "Attachment",
    "Bill",
    "BillStatus",
    "Channel",
    "Device",
    "OrderDirection",
    "Person",
    "Service",
    "Weekday",
    "described",
]

_CHANNELS = {
    "PORTAL": ("The web portal.", "البوابة الإلكترونية."),
    "MOBILE_APP": ("A mobile application.", "تطبيق الهاتف."),
    "KIOSK": ("A kiosk.", "جهاز الخدمة الذاتية."),
    "CALL_CENTRE": ("The call centre.", "مركز الاتصال."),
    "SERVICE_CENTRE": ("A service centre's counter.", "مركز الخدمة."),
}
_BILL_STATUSES = {
    "UNPAID": ("Nothing is paid.", "غير مدفوعة."),
    "PARTIALLY_PAID": ("A part is paid.", "مدفوعة جزئياً."),
    "PAID": ("Paid in full.", "مدفوعة بالكامل."),
    "CANCELLED": ("Withdrawn by the agency.", "ألغتها الجهة."),
}


Channel = payments.Channel
BillStatus = payments.BillStatus
described(Channel, _CHANNELS, "Through which door somebody came.", "قناة تقديم الخدمة.")
described(
    files.FileStatus,
    {
        "AWAITED": ("Its bytes have not arrived.", "لم يصل محتواه بعد."),
        "STORED": ("Its bytes are here; it belongs to nothing yet.", "وصل محتواه ولم يُرفق بشيء."),
        "ATTACHED": ("It belongs to something.", "مرفق."),
        "REJECTED": ("Its bytes were not what was declared.", "رُفض لأن محتواه غير المعلن."),
        "EXPIRED": ("Its time is over; its bytes are gone.", "انتهت مهلته وحُذف محتواه."),
    },
    "Where a file stands.",
    "حالة الملف.",
)
described(BillStatus, _BILL_STATUSES, "How far a bill is paid.", "حالة سداد الفاتورة.")


@strawberry.enum(description=both("A direction of sorting.", "اتجاه الترتيب."))
class OrderDirection(enum.Enum):
    """Ascending or descending."""

    ASC = enum_value("ASC", "Smallest first.", "تصاعدي.")
    DESC = enum_value("DESC", "Largest first.", "تنازلي.")


@strawberry.enum(description=both("A day of the week.", "يوم من أيام الأسبوع."))
class Weekday(enum.Enum):
    """As in ``datetime.date.weekday``: Monday is 0."""

    MONDAY = enum_value(0, "Monday.", "الاثنين.")
    TUESDAY = enum_value(1, "Tuesday.", "الثلاثاء.")
    WEDNESDAY = enum_value(2, "Wednesday.", "الأربعاء.")
    THURSDAY = enum_value(3, "Thursday.", "الخميس.")
    FRIDAY = enum_value(4, "Friday.", "الجمعة.")
    SATURDAY = enum_value(5, "Saturday.", "السبت.")
    SUNDAY = enum_value(6, "Sunday.", "الأحد.")


@strawberry.type(description=both("A public body that offers services.", "جهة حكومية تقدم خدمات."))
class Agency(Node):
    """An agency of the catalogue."""

    code: str = leaf("Stable code.", "رمز ثابت.")
    entry: strawberry.Private[catalogue.Agency]

    @computed("Its name.", "اسمها.")
    def name(self, info: Info, language: LanguageArgument = None) -> str:
        """Return the name in the language asked for, or the request's."""
        return self.entry.name.in_(language or info.context.language)

    @classmethod
    def of(cls, entry: catalogue.Agency) -> Agency:
        """Return the GraphQL object of a catalogue entry."""
        return cls(id=global_id("Agency", entry.code), code=entry.code, entry=entry)


@strawberry.type(description=both("A service of an agency.", "خدمة تقدمها جهة."))
class Service(Node):
    """A service of the catalogue."""

    code: str = leaf("Stable code.", "رمز ثابت.")
    is_payable: bool = leaf("Whether its bills can be paid here.", "هل يمكن دفع فواتيرها هنا.")
    channels: list[Channel] = leaf("Where it is offered.", "القنوات التي تقدم فيها.", bound=5)
    agency: Agency = leaf("Who offers it.", "الجهة التي تقدمها.")
    entry: strawberry.Private[catalogue.Service]

    @computed("Its name.", "اسمها.")
    def name(self, info: Info, language: LanguageArgument = None) -> str:
        """Return the name in the language asked for, or the request's."""
        return self.entry.name.in_(language or info.context.language)

    @computed("What it is for.", "الغرض منها.")
    def description(self, info: Info, language: LanguageArgument = None) -> str:
        """Return the description in the language asked for, or the request's."""
        return self.entry.description.in_(language or info.context.language)

    @classmethod
    def of(cls, entry: catalogue.Service, agency: catalogue.Agency) -> Service:
        """Return the GraphQL object of a catalogue entry and its agency's."""
        return cls(
            id=global_id("Service", entry.code),
            code=entry.code,
            is_payable=entry.payable,
            channels=list(entry.channels),
            agency=Agency.of(agency),
            entry=entry,
        )


@strawberry.interface(
    description=both("Something owed that can be paid.", "مبلغ مستحق قابل للدفع.")
)
class Bill(Node):
    """The face that every payable service's bills share in the one basket.

    An implementing type adds its own fields, and is made with :meth:`face`.
    """

    reference: str = leaf("The agency's reference.", "مرجع الجهة.")
    status: BillStatus = leaf("How far it is paid.", "حالة السداد.")
    service: Service = leaf("The service it belongs to.", "الخدمة التي تتبعها.")
    amount: Money = leaf("The full amount.", "المبلغ الكامل.")
    amount_due: Money = leaf("What paying it costs now.", "المستحق الآن.")
    due_on: dt.date | None = leaf("The last day to pay.", "آخر يوم للدفع.")
    minimum_payment: Money | None = leaf(
        "The smallest part that can be paid; null: it is paid whole.",
        "أقل جزء يمكن دفعه؛ و null: تُدفع كاملة.",
        default=None,
    )
    maximum_payment: Money | None = leaf(
        "The most that can be paid now, in advance too; null: no more than is due.",
        "أقصى ما يمكن دفعه الآن ولو مقدماً؛ و null: لا يزيد على المستحق.",
        default=None,
    )
    bill: strawberry.Private[payments.Bill]

    @computed("What it is for, in words.", "موضوعها بالكلمات.")
    def description(self, info: Info) -> str:
        """Return the words in the request's language."""
        return info.context.say(self.bill.description)

    @computed("How the amount due came about.", "كيف حُدد المبلغ المستحق.")
    def price_explanation(self, info: Info) -> str:
        """Return the sentence in the request's language."""
        return info.context.say(self.bill.explanation)

    @computed(
        "Why it cannot be paid here; null when it can, or when its status tells enough.",
        "سبب تعذر دفعها هنا؛ وقيمة فارغة إن أمكن دفعها أو كانت حالتها تكفي بياناً.",
    )
    def not_payable_reason(self, info: Info) -> str | None:
        """Return the sentence in the request's language, if there is one."""
        return info.context.say(self.bill.not_payable) if self.bill.not_payable else None

    @classmethod
    def face(cls, bill: payments.Bill, service: Service) -> dict[str, Any]:
        """Return what the shared fields hold, as keywords of the implementing type."""
        parts = bill.least_fils if bill.not_payable is None else None
        most = bill.most_fils if parts is not None else None
        return {
            "id": global_id(cls.__name__, bill.id),
            "reference": bill.reference,
            "status": bill.status,
            "service": service,
            "amount": Money.of(bill.fils),
            "amount_due": Money.of(bill.due_fils),
            "due_on": bill.due_on,
            "minimum_payment": None if parts is None else Money.of(parts),
            "maximum_payment": None if most is None else Money.of(most),
            "bill": bill,
        }


@strawberry.type(description=both("A person known to the platform.", "شخص معروف للمنصة."))
class Person(Node):
    """A person; plugins add fields to it with ``declare_core_fields``.

    ``national_id`` and ``roles`` are shown to the person alone and to who may manage accounts.
    """

    display_name: str = leaf("The name to show.", "الاسم المعروض.")
    national_id: str | None = leaf(
        "Personal number, where you may see it.", "الرقم الشخصي، إن جاز لك."
    )
    roles: list[str] = leaf("Roles held, where you may see them.", "الأدوار، إن جاز لك.", bound=100)
    suspended_at: dt.datetime | None = leaf("When the account was suspended.", "وقت تعليق الحساب.")
    person_id: strawberry.Private[str]


@strawberry.type(description=both("An uploaded file.", "ملف مرفوع."))
class Attachment(Node):
    """A file; who may see it is asked by whoever shows it."""

    name: str = leaf("Its name.", "اسمه.")
    media_type: str = leaf("Its media type, e.g. image/png.", "نوعه، مثل image/png.")
    size: int = leaf("Its size in bytes.", "حجمه بالبايت.")
    sha256: str = leaf("Its SHA-256, in hexadecimal.", "بصمته SHA-256 بالنظام الست عشري.")
    status: files.FileStatus = leaf("Where it stands.", "حالته.")
    url: str = leaf("Where to get it, with the bearer token.", "عنوان تنزيله، مع إرسال رمز الدخول.")

    @classmethod
    def of(cls, file: files.File) -> Attachment:
        """Return the GraphQL object of a file."""
        return cls(
            id=global_id("Attachment", file.id),
            name=file.name,
            media_type=file.media_type,
            size=file.size,
            sha256=file.sha256,
            status=file.status,
            url=f"{current().public_url}/files/{file.id}",
        )


@strawberry.type(description=both("One sign-in of a person.", "جلسة دخول لشخص على جهاز."))
class Device(Node):
    """A device that may act, or might have acted, for a person."""

    label: str = leaf("How it names itself.", "الاسم الذي يعرّف به نفسه.")
    created_at: dt.datetime = leaf("When it signed in.", "وقت تسجيل الدخول.")
    last_seen_at: dt.datetime = leaf(
        "When it was last used, to a minute.", "آخر استخدام، بدقة دقيقة."
    )
    revoked_at: dt.datetime | None = leaf("When it was signed out.", "وقت إبطال الجهاز.")
    is_current: bool = leaf("Whether it is the one asking now.", "هل هو الجهاز المستخدم الآن.")

    @classmethod
    def of(cls, row: Mapping[str, Any], viewer: Viewer) -> Device:
        """Return the GraphQL object of a device row."""
        return cls(
            id=global_id("Device", row["id"]),
            label=row["label"],
            created_at=row["created_at"],
            last_seen_at=row["last_seen_at"],
            revoked_at=row["revoked_at"],
            is_current=row["id"] == viewer.device_id,
        )
