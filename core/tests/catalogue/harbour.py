"""What the one plugin of these tests declares."""

from __future__ import annotations

from bawaba.catalogue import Agency, Service
from bawaba.host.catalogue import declarations
from bawaba.text import Text
from world import registry_of

HARBOUR = Agency("harbour", Text("Harbour", "الميناء"))
BERTHS = Service(
    "berths",
    "harbour",
    Text("Berths", "المراسي"),
    Text("Rent a berth.", "استئجار مرسى."),
    payable=True,
)
CORE = registry_of(
    agencies=[HARBOUR],
    services=[BERTHS],
    schema=declarations.SCHEMA_PARTS,
    nodes=declarations.NODES,
)
