"""What front ends see of traffic fines."""

from __future__ import annotations

from bawaba_payments_traffic.graphql.mutations import TrafficMutation
from bawaba_payments_traffic.graphql.nodes import NODES, show_fines
from bawaba_payments_traffic.graphql.queries import TrafficQuery
from bawaba_payments_traffic.graphql.types import TrafficFine, TrafficObjection

__all__ = [
    "NODES",
    "TrafficFine",
    "TrafficMutation",
    "TrafficObjection",
    "TrafficQuery",
    "show_fines",
]
