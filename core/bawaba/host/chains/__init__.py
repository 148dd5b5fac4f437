"""What hash-chained, append-only tables share: the law of the chain, and the heads outside."""

from __future__ import annotations

from bawaba.host.chains.rules import GENESIS, Broken, Walk, digest_of

__all__ = ["GENESIS", "Broken", "Walk", "digest_of"]
