"""What front ends see of the post."""

from __future__ import annotations

from bawaba.plugin import CoreFields, SchemaPart

from bawaba_bahrain_post.graphql.nodes import NODES, show_bills
from bawaba_bahrain_post.graphql.queries import PostPersonFields, PostQuery, PostSubscription
from bawaba_bahrain_post.graphql.types import PostBill

__all__ = ["CORE_FIELDS", "NODES", "SCHEMA", "show_bills"]

SCHEMA = (SchemaPart(query=PostQuery, subscription=PostSubscription, types=(PostBill,)),)
CORE_FIELDS = (CoreFields("Person", PostPersonFields),)
