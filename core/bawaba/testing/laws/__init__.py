"""The laws of the house as functions, for the host's own tests and for any plugin's.

Each takes a folder or a schema and returns sentences, one a breach, empty where all is well::

    def test_my_rules_are_pure():
        assert laws.pure(Path(my_package.__file__).parent) == []
"""

from __future__ import annotations

from bawaba.testing.laws.imports import one_door, strangers
from bawaba.testing.laws.names import knows_no_agency
from bawaba.testing.laws.purity import pure
from bawaba.testing.laws.schema import bounded_lists, descriptions, policies
from bawaba.testing.laws.sizes import returns, sizes
from bawaba.testing.laws.transactions import nothing_slow

__all__ = [
    "bounded_lists",
    "descriptions",
    "knows_no_agency",
    "nothing_slow",
    "one_door",
    "policies",
    "pure",
    "returns",
    "sizes",
    "strangers",
]
