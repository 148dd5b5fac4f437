"""Why a motion is not proposed, opened, voted on or decided."""

from __future__ import annotations

from bawaba.errors import Refusal, TryAgain
from bawaba.text import Text


class WrongMotionStatus(Refusal):
    """The motion is not in a state in which this can be done. ``status`` says where it stands."""

    code = "MEETING_WRONG_MOTION_STATUS"
    text = Text(
        "This cannot be done while the motion is {status}.",
        "لا يمكن القيام بذلك وحالة المقترح {status_ar}.",
    )


class VotingOpen(Refusal):
    """A vote is open, suspended or tied in this meeting: close, decide or annul it first."""

    code = "MEETING_VOTING_OPEN"
    text = Text("A vote is under way.", "هناك تصويت جارٍ.")


class NotEntitled(Refusal):
    """You may not cast this vote.

    You were not there when voting opened, stand aside, or it is somebody else's.
    """

    code = "MEETING_NOT_ENTITLED"
    text = Text("You are not entitled to cast this vote.", "لا يحق لك الإدلاء بهذا الصوت.")


class NotThere(Refusal):
    """Whoever has left the meeting does not vote. Check in again."""

    code = "MEETING_NOT_THERE"
    text = Text("Check in to the meeting first.", "سجّل حضورك في الاجتماع أولاً.")


class AlreadyVoted(Refusal):
    """This vote was cast, and cannot be changed."""

    code = "MEETING_ALREADY_VOTED"
    text = Text("This vote was cast already.", "تم الإدلاء بهذا الصوت.")


class UsedNonce(TryAgain):
    """A ballot with this number and choice lies in the box. Make a fresh number for each ballot."""

    code = "MEETING_USED_NONCE"
    text = Text(
        "Make a fresh random number for each ballot.", "أنشئ رقماً عشوائياً جديداً لكل ورقة اقتراع."
    )


class OtherRound(Refusal):
    """The key counted in an earlier voting on this motion, annulled or void since.

    Vote again with a new key.
    """

    code = "MEETING_OTHER_ROUND"
    text = Text(
        "That vote was cast in an earlier voting, which no longer counts. Vote again.",
        "أُدلي بذلك الصوت في تصويت سابق لم يعد محتسباً. صوّت من جديد.",
    )


class BadChoice(Refusal):
    """A motion is answered by ``choice``; an election by one of ``candidateIds``, or ABSTAIN."""

    code = "MEETING_BAD_CHOICE"
    text = Text("This is not on the ballot.", "هذا الخيار ليس في ورقة الاقتراع.")


class BadNonce(TryAgain):
    """A secret ballot needs ``ballotNonce``: 32 fresh random bytes as base64url without padding."""

    code = "MEETING_BAD_NONCE"
    text = Text(
        "The secret number of the ballot is missing or wrong.",
        "الرقم السري لورقة الاقتراع مفقود أو غير صحيح.",
    )


class NotATie(Refusal):
    """There is no tie of this kind to decide."""

    code = "MEETING_NOT_A_TIE"
    text = Text("There is no tie to decide.", "لا يوجد تعادل لحسمه.")


class MustDecide(Refusal):
    """A casting vote is Yes or No."""

    code = "MEETING_MUST_DECIDE"
    text = Text("A casting vote is yes or no.", "الصوت المرجح إما موافقة أو رفض.")


class BadMajority(Refusal):
    """The council's rules know no such majority, or not of that base."""

    code = "MEETING_BAD_MAJORITY"
    text = Text(
        "The council's rules do not know this majority.", "لا تنص قواعد المجلس على هذه الأغلبية."
    )


class Recused(Refusal):
    """You stand aside from this motion already, or its voting has begun."""

    code = "MEETING_RECUSED"
    text = Text("You cannot stand aside now.", "لا يمكنك التنحي الآن.")


class BadCandidates(Refusal):
    """An election has 1 to 20 different candidates.

    Those who are given by id must be members of this council.
    """

    code = "MEETING_BAD_CANDIDATES"
    text = Text("These candidates cannot stand.", "لا يمكن ترشيح هؤلاء.")


class BadBloc(Refusal):
    """These motions cannot be put to one vote.

    They must be proposed, of the same meeting, of no other bloc, and not elections; and they ask
    for the same ballot, majority and base as the motion that stands for them.
    """

    code = "MEETING_BAD_BLOC"
    text = Text(
        "These motions cannot be voted on together.", "لا يمكن التصويت على هذه المقترحات معاً."
    )


class NoProxies(Refusal):
    """The council's rules know no proxies."""

    code = "MEETING_NO_PROXIES"
    text = Text(
        "Votes cannot be given to others in this council.", "لا يجوز التوكيل في هذا المجلس."
    )


class ProxyChain(Refusal):
    """A vote that was given is not given on: one level only."""

    code = "MEETING_PROXY_CHAIN"
    text = Text("A vote that was given cannot be given on.", "لا يجوز التوكيل بصوت موكل.")


class ProxyTooHeavy(Refusal):
    """The weights given must not exceed one's own."""

    code = "MEETING_PROXY_TOO_HEAVY"
    text = Text("At most {left} can be given.", "يمكن التوكيل بما لا يزيد على {left}.")


class TooManyProxies(Refusal):
    """The holder holds as many votes of others as the rules allow."""

    code = "MEETING_TOO_MANY_PROXIES"
    text = Text(
        "One member may hold the votes of {most} others.", "يجوز للعضو حمل أصوات {most} من الأعضاء."
    )
