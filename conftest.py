"""What every test of the repository shares: a demo of few cases, so that servers start at once."""

from __future__ import annotations

import os

os.environ.setdefault("BAWABA_TAWASUL_DEMO_CASES", "120")
