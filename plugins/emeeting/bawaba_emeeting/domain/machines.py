"""The state machines, as tables."""

from __future__ import annotations

from bawaba.domain import StateMachine

from bawaba_emeeting.domain.states import (
    AdoptionTrigger,
    MeetingAdoptionStatus,
    MeetingMinutesStatus,
    MeetingMotionStatus,
    MeetingStatus,
    MeetingTrigger,
    MinutesTrigger,
    MotionTrigger,
)

M, MT = MeetingStatus, MeetingTrigger
MEETING = StateMachine(
    name="meeting",
    initial=M.SCHEDULED,
    edges={
        (M.SCHEDULED, MT.LACK_QUORUM): M.WAITING_FOR_QUORUM,
        (M.SCHEDULED, MT.CONVENE): M.IN_SESSION,
        (M.SCHEDULED, MT.ADJOURN): M.ADJOURNED,
        (M.SCHEDULED, MT.CANCEL): M.CANCELLED,
        (M.WAITING_FOR_QUORUM, MT.CONVENE): M.IN_SESSION,
        (M.WAITING_FOR_QUORUM, MT.ADJOURN): M.ADJOURNED,
        (M.WAITING_FOR_QUORUM, MT.CANCEL): M.CANCELLED,
        (M.IN_SESSION, MT.ADJOURN): M.ADJOURNED,
        (M.IN_SESSION, MT.END): M.ENDED,
        (M.ADJOURNED, MT.LACK_QUORUM): M.WAITING_FOR_QUORUM,
        (M.ADJOURNED, MT.CONVENE): M.IN_SESSION,
        (M.ADJOURNED, MT.ADJOURN): M.ADJOURNED,
        (M.ADJOURNED, MT.END): M.ENDED,
        (M.ADJOURNED, MT.CANCEL): M.CANCELLED,
    },
    terminal=frozenset({M.ENDED, M.CANCELLED}),
)
"""A meeting. An adjourned one goes on at its next convening; END of one that sat, CANCEL else."""

Q, QT = MeetingMotionStatus, MotionTrigger
MOTION = StateMachine(
    name="motion",
    initial=Q.PROPOSED,
    edges={
        (Q.PROPOSED, QT.OPEN_VOTING): Q.OPEN,
        (Q.PROPOSED, QT.DECIDE): Q.CLOSED,
        (Q.OPEN, QT.LOSE_QUORUM): Q.SUSPENDED,
        (Q.OPEN, QT.MAKE_VOID): Q.VOID,
        (Q.OPEN, QT.DECIDE): Q.CLOSED,
        (Q.OPEN, QT.TIE): Q.TIED,
        (Q.OPEN, QT.CALL_RUN_OFF): Q.RUN_OFF,
        (Q.OPEN, QT.ANNUL): Q.ANNULLED,
        (Q.SUSPENDED, QT.REGAIN_QUORUM): Q.OPEN,
        (Q.SUSPENDED, QT.ANNUL): Q.ANNULLED,
        (Q.TIED, QT.CAST_DECIDING): Q.CLOSED,
        (Q.TIED, QT.ANNUL): Q.ANNULLED,
        (Q.RUN_OFF, QT.OPEN_VOTING): Q.OPEN,
        (Q.RUN_OFF, QT.ANNUL): Q.ANNULLED,
        (Q.CLOSED, QT.ANNUL): Q.ANNULLED,
        (Q.VOID, QT.OPEN_VOTING): Q.OPEN,
        (Q.ANNULLED, QT.OPEN_VOTING): Q.OPEN,
        (Q.ANNULLED, QT.DECIDE): Q.CLOSED,
    },
)
"""A motion. DECIDE of one that is not open: it was voted on en bloc with others. A closed vote is
final but for an annulment, which keeps its ballots and lets it be repeated."""

A, AT = MeetingAdoptionStatus, AdoptionTrigger
ADOPTION = StateMachine(
    name="adoption",
    initial=A.PROPOSED,
    edges={
        (A.PROPOSED, AT.ENDORSED): A.ENDORSED,
        (A.ENDORSED, AT.SENT_TO_MINISTER): A.SENT_TO_MINISTER,
        (A.SENT_TO_MINISTER, AT.APPROVED): A.APPROVED,
        (A.APPROVED, AT.ACTIVE): A.ACTIVE,
    },
    terminal=frozenset({A.ACTIVE}),
)
"""A council's way to e-Meeting. Until it is active its meetings are trials."""

MINUTES = StateMachine(
    name="minutes",
    initial=MeetingMinutesStatus.DRAFT,
    edges={
        (MeetingMinutesStatus.DRAFT, MinutesTrigger.AMEND): MeetingMinutesStatus.DRAFT,
        (MeetingMinutesStatus.DRAFT, MinutesTrigger.SIGN): MeetingMinutesStatus.DRAFT,
        (MeetingMinutesStatus.DRAFT, MinutesTrigger.APPROVE): MeetingMinutesStatus.APPROVED,
    },
    terminal=frozenset({MeetingMinutesStatus.APPROVED}),
)
"""The minutes: an amendment asks for every signature anew; the deciding signature approves."""
