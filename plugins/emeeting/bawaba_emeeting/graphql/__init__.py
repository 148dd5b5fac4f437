"""What front ends see of e-Meeting."""

from __future__ import annotations

from bawaba.plugin import SchemaPart

from bawaba_emeeting.graphql import words  # enums are described before types name them
from bawaba_emeeting.graphql.live import MeetingSubscription
from bawaba_emeeting.graphql.mutations_chair import MeetingChairMutation
from bawaba_emeeting.graphql.mutations_papers import MeetingPapersMutation
from bawaba_emeeting.graphql.mutations_rules import MeetingRulesMutation
from bawaba_emeeting.graphql.mutations_votes import MeetingVotesMutation
from bawaba_emeeting.graphql.nodes import NODES
from bawaba_emeeting.graphql.queries import MeetingQuery

__all__ = ["NODES", "SCHEMA", "words"]

SCHEMA = (
    SchemaPart(query=MeetingQuery, mutation=MeetingChairMutation, subscription=MeetingSubscription),
    SchemaPart(mutation=MeetingPapersMutation),
    SchemaPart(mutation=MeetingVotesMutation),
    SchemaPart(mutation=MeetingRulesMutation),
)
