"""Events and their delivery: outbox, relay, bus and hub.

``models`` rows · ``cursor`` the opaque cursor · ``outbox`` numbering and reading · ``broker`` and
``redis_broker`` the bus · ``relay`` from outbox to bus · ``feed`` one topic's shared log · ``hub``
everything that this process follows · ``service`` the port · ``pulse`` background loops.
"""
