"""The catalogue: what plugins declare, and what stood there before them."""

from __future__ import annotations

from bawaba.host.catalogue.services import Catalogue

__all__ = ["Catalogue"]
