"""Everything of the treasury that joins the schema: a table of contents."""

from __future__ import annotations

from bawaba.plugin import SchemaPart

from bawaba_accounting.graphql import periods, remittances, resolutions, settlement

__all__ = ["NODES", "SCHEMA"]

SCHEMA = (
    SchemaPart(query=settlement.SettlementQueries, mutation=settlement.SettlementMutations),
    SchemaPart(query=resolutions.ResolutionQueries, mutation=resolutions.ResolutionMutations),
    SchemaPart(query=periods.PeriodQueries, mutation=periods.PeriodMutations),
    SchemaPart(query=remittances.RemittanceQueries, mutation=remittances.RemittanceMutations),
)
NODES = (*settlement.NODES, *resolutions.NODES, *periods.NODES, *remittances.NODES)
