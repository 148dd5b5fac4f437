"""States, as people say them inside a sentence."""

from __future__ import annotations

from bawaba.text import Text

from bawaba_emeeting.domain import MeetingAdoptionStatus as Adoption
from bawaba_emeeting.domain import MeetingMotionStatus as Motion
from bawaba_emeeting.domain import MeetingStatus as Meeting

STATUS_WORDS = {
    Meeting.SCHEDULED: Text("scheduled", "مجدول"),
    Meeting.WAITING_FOR_QUORUM: Text("waiting for a quorum", "بانتظار اكتمال النصاب"),
    Meeting.IN_SESSION: Text("in session", "منعقد"),
    Meeting.ADJOURNED: Text("adjourned", "مؤجل"),
    Meeting.ENDED: Text("ended", "منتهٍ"),
    Meeting.CANCELLED: Text("cancelled", "ملغى"),
}
MOTION_WORDS = {
    Motion.PROPOSED: Text("proposed", "مقترح"),
    Motion.OPEN: Text("open for voting", "مفتوح للتصويت"),
    Motion.SUSPENDED: Text("suspended for want of a quorum", "موقوف لعدم اكتمال النصاب"),
    Motion.TIED: Text("tied", "متعادل"),
    Motion.RUN_OFF: Text("waiting for its second round", "بانتظار الجولة الثانية"),
    Motion.CLOSED: Text("decided", "محسوم"),
    Motion.VOID: Text("void for want of a quorum", "باطل لعدم اكتمال النصاب"),
    Motion.ANNULLED: Text("annulled", "ملغى"),
}
ADOPTION_WORDS = {
    Adoption.PROPOSED: Text("proposed", "مقترح"),
    Adoption.ENDORSED: Text("endorsed", "مؤيد"),
    Adoption.SENT_TO_MINISTER: Text("sent to the minister", "مرفوع إلى الوزير"),
    Adoption.APPROVED: Text("approved", "معتمد"),
    Adoption.ACTIVE: Text("active", "مفعل"),
}
