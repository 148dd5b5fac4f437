"""Bawaba (بوابة, "gateway"): one GraphQL API for a country's services, one plugin per agency.

The modules beside this one are the door: everything that a plugin may import. What lies in
``bawaba.host`` is the machinery behind it and may change at any time.
"""

from __future__ import annotations

__version__ = "0.1.0"
__all__ = ["__version__"]
