"""Why a council's rules, adoption or seats stay as they are."""

from __future__ import annotations

from bawaba.errors import Refusal
from bawaba.text import Text


class BadRules(Refusal):
    """A quorum is a fraction above 0 and up to 1; a wait is 0 to 1,440 minutes."""

    code = "MEETING_BAD_RULES"
    text = Text("No council could keep these rules.", "لا يمكن لأي مجلس الالتزام بهذه القواعد.")


class RulesInThePast(Refusal):
    """Rules are amended from now on, not for the past."""

    code = "MEETING_RULES_IN_THE_PAST"
    text = Text("Rules are not changed for the past.", "لا تُعدل القواعد بأثر رجعي.")


class WrongAdoption(Refusal):
    """Adoption goes step by step: endorsed, sent to the minister, approved, active."""

    code = "MEETING_WRONG_ADOPTION"
    text = Text("This step does not follow {status}.", "هذه الخطوة لا تلي {status_ar}.")


class HoldsASeat(Refusal):
    """Who votes does not operate: end the member's seat first."""

    code = "MEETING_HOLDS_A_SEAT"
    text = Text("A voting member cannot operate.", "لا يجوز أن يكون العضو المصوت مشغلاً.")


class NeedsOperator(Refusal):
    """A council becomes active when an operator is appointed."""

    code = "MEETING_NEEDS_OPERATOR"
    text = Text("Appoint an operator first.", "عيّن مشغلاً أولاً.")
