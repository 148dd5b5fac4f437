"""What front ends see of Tawasul."""

from __future__ import annotations

from bawaba.plugin import CoreFields, SchemaPart

from bawaba_tawasul.graphql.live import TawasulSubscription
from bawaba_tawasul.graphql.mutations_citizen import TawasulCitizenMutation
from bawaba_tawasul.graphql.mutations_desk import TawasulDeskMutation
from bawaba_tawasul.graphql.mutations_rules import TawasulRulesMutation
from bawaba_tawasul.graphql.mutations_transfer import TawasulTransferMutation
from bawaba_tawasul.graphql.nodes import NODES
from bawaba_tawasul.graphql.performance import TawasulPerformanceQuery
from bawaba_tawasul.graphql.queries import TawasulAgencyFields, TawasulQuery

__all__ = ["CORE_FIELDS", "NODES", "SCHEMA"]

SCHEMA = (
    SchemaPart(
        query=TawasulQuery,
        mutation=TawasulCitizenMutation,
        subscription=TawasulSubscription,
    ),
    SchemaPart(query=TawasulPerformanceQuery, mutation=TawasulDeskMutation),
    SchemaPart(mutation=TawasulTransferMutation),
    SchemaPart(mutation=TawasulRulesMutation),
)
CORE_FIELDS = (CoreFields("Agency", TawasulAgencyFields),)
