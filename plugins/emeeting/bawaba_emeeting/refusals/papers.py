"""Why documents, comments and minutes stay as they are."""

from __future__ import annotations

from bawaba.errors import Refusal
from bawaba.text import Text


class BadAnchor(Refusal):
    """A page is 1 to 10,000, and a rectangle lies within it.

    Its x, y, width and height are shares of the page, 0 to 1.
    """

    code = "MEETING_BAD_ANCHOR"
    text = Text("This is no place in the document.", "هذا ليس موضعاً في الوثيقة.")


class TooManyVersions(Refusal):
    """A document has as many versions as it may."""

    code = "MEETING_TOO_MANY_VERSIONS"
    text = Text("A document has at most {most} versions.", "للوثيقة {most} نسخة على الأكثر.")


class NoMinutes(Refusal):
    """Minutes are drafted when a meeting that sat has ended."""

    code = "MEETING_NO_MINUTES"
    text = Text("There are no minutes yet.", "لا يوجد محضر بعد.")


class MinutesApproved(Refusal):
    """Approved minutes are sealed."""

    code = "MEETING_MINUTES_APPROVED"
    text = Text("The minutes are approved and sealed.", "اعتُمد المحضر وخُتم.")


class StaleMinutes(Refusal):
    """Somebody amended the minutes meanwhile. Read version {version} first."""

    code = "MEETING_STALE_MINUTES"
    text = Text("The minutes are at version {version} now.", "المحضر الآن في النسخة {version}.")


class NoSuchSection(Refusal):
    """Ask ``minutes.sections`` for the keys."""

    code = "MEETING_NO_SUCH_SECTION"
    text = Text("The minutes have no such section.", "لا يوجد قسم كهذا في المحضر.")


class NotAttending(Refusal):
    """Minutes are signed by those who attended."""

    code = "MEETING_NOT_ATTENDING"
    text = Text("Only those who attended sign the minutes.", "لا يوقع المحضر إلا من حضر.")


class AlreadySigned(Refusal):
    """You signed this version."""

    code = "MEETING_ALREADY_SIGNED"
    text = Text("You have signed this version.", "وقعت هذه النسخة.")


class TooManyAmendments(Refusal):
    """The minutes have as many versions as they may. The last one can still be signed."""

    code = "MEETING_TOO_MANY_AMENDMENTS"
    text = Text("Minutes have at most {most} versions.", "للمحضر {most} نسخة على الأكثر.")
