"""What all tests share: small demos and pools, and how many of them run at once."""

from __future__ import annotations

import os

os.environ.setdefault("BAWABA_TAWASUL_DEMO_CASES", "120")
# Every server of every test at once has to fit into PostgreSQL's hundred connections.
os.environ.setdefault("BAWABA_DATABASE_POOL", "5")


def pytest_xdist_auto_num_workers() -> int:
    """Return one process more than there are processors: journeys wait a third of their time."""
    return min(4, (os.cpu_count() or 1) + 1)
