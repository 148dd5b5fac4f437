"""What the catalogue adds to core's own declarations."""

from __future__ import annotations

from bawaba.host.catalogue.graphql import CatalogueQuery, load_agencies, load_services
from bawaba.plugin import NodeType, SchemaPart

MODELS = "bawaba.host.catalogue.models"
"""The module of its rows."""
SCHEMA_PARTS = [SchemaPart(query=CatalogueQuery)]
NODES = [NodeType("Agency", load_agencies), NodeType("Service", load_services)]
