"""Results in one sentence of each language."""

from __future__ import annotations

from bawaba.text import Text

from bawaba_emeeting.domain import (
    Ballot,
    Electorate,
    MeetingMajority,
    MeetingMajorityBase,
    MeetingOutcome,
    MeetingTiePolicy,
    Tally,
)

_VERDICTS = {
    MeetingOutcome.CARRIED: Text("Carried", "تمت الموافقة"),
    MeetingOutcome.REJECTED: Text("Not carried", "لم تتم الموافقة"),
    MeetingOutcome.TIED: Text("Tied", "تعادلت الأصوات"),
    MeetingOutcome.ELECTED: Text("Elected", "تم الانتخاب"),
    MeetingOutcome.RUN_OFF: Text("A second round is needed", "تلزم جولة ثانية"),
    MeetingOutcome.NOBODY_ELECTED: Text("Nobody is elected", "لم يُنتخب أحد"),
}
_MAJORITIES = {
    MeetingMajority.SIMPLE: Text("a simple majority", "الأغلبية البسيطة"),
    MeetingMajority.ABSOLUTE: Text("an absolute majority", "الأغلبية المطلقة"),
    MeetingMajority.TWO_THIRDS: Text("two thirds", "أغلبية الثلثين"),
}
_BASES = {
    MeetingMajorityBase.CAST: Text("the {base} votes cast", "الأصوات المدلى بها وعددها {base}"),
    MeetingMajorityBase.PRESENT: Text(
        "the {base} present or represented", "أصوات الحاضرين والموكِّلين وعددها {base}"
    ),
    MeetingMajorityBase.ALL_MEMBERS: Text("all {base} members", "أصوات جميع الأعضاء وعددها {base}"),
}
_LEFT_OUT = Text(", abstentions left out", " دون احتساب الامتناع")


def _law(ballot: Ballot, tally: Tally, base: int, enough: int) -> Text:
    """Say what was needed: "a simple majority of the 8 votes cast is 5"."""
    majority, of = _MAJORITIES[ballot.majority], _BASES[ballot.base].fill(base=base)
    counts_all = ballot.abstentions_count or (
        ballot.base is not MeetingMajorityBase.CAST
        and ballot.majority is not MeetingMajority.SIMPLE
    )
    left_out = _LEFT_OUT if tally.abstain and not counts_all else Text("", "")
    return Text(
        f"{majority.en} of {of.en}{left_out.en} is {enough}",
        f"والمطلوب {enough} وهو {majority.ar} من {of.ar}{left_out.ar}",
    )


def motion(  # noqa: PLR0913, PLR0917  all that the sentence tells
    outcome: MeetingOutcome,
    ballot: Ballot,
    electorate: Electorate,
    tally: Tally,
    base: int,
    enough: int,
) -> Text:
    """Explain a vote on a motion."""
    verdict, law = _VERDICTS[outcome], _law(ballot, tally, base, enough)
    silent = electorate.entitled - tally.cast
    lost = (
        outcome is MeetingOutcome.REJECTED
        and ballot.tie is MeetingTiePolicy.LOST
        and tally.yes == tally.no > 0
    )
    tie = Text(" A tie is lost.", " والتعادل يعد رفضاً.") if lost else Text("", "")
    return Text(
        f"{verdict.en}: {tally.yes} yes, {tally.no} no, {tally.abstain} abstaining, {silent} not"
        f" voting; {law.en}.{tie.en}",
        f"{verdict.ar}: {tally.yes} موافق، {tally.no} غير موافق، {tally.abstain} ممتنع،"
        f" {silent} لم يصوت؛ {law.ar}.{tie.ar}",
    )


def election(  # noqa: PLR0913, PLR0917  all that the sentence tells
    outcome: MeetingOutcome,
    ballot: Ballot,
    electorate: Electorate,
    tally: Tally,
    base: int,
    enough: int,
) -> Text:
    """Explain a round of an election."""
    verdict, law = _VERDICTS[outcome], _law(ballot, tally, base, enough)
    if ballot.run_off:
        law = Text("the most votes decide the second round", "والجولة الثانية تحسم بأكثر الأصوات")
    best, cast = max(tally.votes.values()), sum(tally.votes.values())
    return Text(
        f"{verdict.en}: the most votes for a candidate are {best} of {cast}, {tally.abstain}"
        f" abstaining, {electorate.entitled - tally.cast} not voting; {law.en}.",
        f"{verdict.ar}: أعلى الأصوات لمرشح {best} من أصل {cast}، و{tally.abstain} ممتنع،"
        f" و{electorate.entitled - tally.cast} لم يصوت؛ {law.ar}.",
    )


def casting_vote(tally: Tally, *, carried: bool) -> Text:
    """Explain a tie that the chair decided."""
    verdict = _VERDICTS[MeetingOutcome.CARRIED if carried else MeetingOutcome.REJECTED]
    return Text(
        f"{verdict.en}: {tally.yes} yes and {tally.no} no are a tie, decided by the casting vote"
        " of whoever presided.",
        f"{verdict.ar}: تعادلت الأصوات ({tally.yes} موافق و{tally.no} غير موافق) وحسمها الصوت"
        " المرجح لرئيس الجلسة.",
    )


def lot(tally: Tally, tied: int, votes: int) -> Text:
    """Explain a tie that the lot decided."""
    return Text(
        f"Elected by lot: {tied} candidates had {votes} votes each in the second round, with"
        f" {tally.abstain} abstaining.",
        f"تم الانتخاب بالقرعة: تعادل {tied} من المرشحين في الجولة الثانية، وأصوات كل منهم {votes}،"
        f" مع امتناع {tally.abstain}.",
    )
