"""What front ends see of electricity and water."""

from __future__ import annotations

from bawaba.plugin import CoreFields, SchemaPart

from bawaba_payments_ewa.graphql import words
from bawaba_payments_ewa.graphql.live import EwaSubscription
from bawaba_payments_ewa.graphql.mutations import EwaMutation
from bawaba_payments_ewa.graphql.nodes import NODES, show_bills
from bawaba_payments_ewa.graphql.queries import EwaPersonFields, EwaQuery

__all__ = ["CORE_FIELDS", "NODES", "SCHEMA", "show_bills", "words"]

SCHEMA = (SchemaPart(query=EwaQuery, mutation=EwaMutation, subscription=EwaSubscription),)
CORE_FIELDS = (CoreFields("Person", EwaPersonFields),)
