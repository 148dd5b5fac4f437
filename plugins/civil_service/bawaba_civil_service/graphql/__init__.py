"""What front ends see of the civil service."""

from __future__ import annotations

from bawaba.plugin import CoreFields, SchemaPart

from bawaba_civil_service.graphql.live import CivilServiceSubscription
from bawaba_civil_service.graphql.mutations import CivilServiceMutation
from bawaba_civil_service.graphql.nodes import NODES, show_bills
from bawaba_civil_service.graphql.queries import CivilServicePersonFields, CivilServiceQuery

SCHEMA = (
    SchemaPart(
        query=CivilServiceQuery,
        mutation=CivilServiceMutation,
        subscription=CivilServiceSubscription,
    ),
)
CORE_FIELDS = (CoreFields("Person", CivilServicePersonFields),)

__all__ = ["CORE_FIELDS", "NODES", "SCHEMA", "show_bills"]
