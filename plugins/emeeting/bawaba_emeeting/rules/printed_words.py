"""Kinds, choices and states as printed in minutes and exports."""

from __future__ import annotations

from bawaba.text import Text

KIND_WORDS = {
    "ORDINARY": Text("Ordinary meeting", "الاجتماع الاعتيادي"),
    "EXTRAORDINARY": Text("Extraordinary meeting", "الاجتماع الاستثنائي"),
}
CHOICE_WORDS = {
    "YES": Text("Yes", "موافق"),
    "NO": Text("No", "غير موافق"),
    "ABSTAIN": Text("Abstention", "ممتنع"),
}
ATTENDANCE_WORDS = {
    "PRESENT": Text("Present", "حاضر"),
    "REMOTE": Text("Remote", "حاضر عن بعد"),
    "EXCUSED": Text("Excused", "معتذر"),
    "ABSENT": Text("Absent", "غائب"),
    "LEFT": Text("Left", "انصرف"),
}
ROLE_WORDS = {
    "CHAIR": Text("Chair", "الرئيس"),
    "DEPUTY": Text("Deputy chair", "نائب الرئيس"),
    "MEMBER": Text("Member", "عضو"),
    "SECRETARY": Text("Secretary", "أمين السر"),
    "OPERATOR": Text("Operator", "المشغل"),
}
