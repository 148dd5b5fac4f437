"""Idempotency keys: the row behind :mod:`bawaba.idempotency`, and what core declares for it."""
