"""Limits on a document's shape, asked before it is validated. Linear: a fragment is walked once.

The stock limiters walk a fragment again on every path to it, so that a short document with nested
fragments costs seconds; and validation compares fields pair by pair. Both are spared by asking
this first.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

from bawaba.errors import LimitExceeded
from bawaba.text import Text

_MANY = 1_000_000
"""Sums stop growing here: nested fragments double them at every level."""
_NESTED = 100
"""Selections nested deeper than this are refused at once, introspection or not."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How large an operation may be. All counts are after fragments are spread."""

    characters: int = 15_000
    tokens: int = 1_000
    depth: int = 10
    aliases: int = 30
    root_fields: int = 20
    directives: int = 50
    repeats: int = 100
    cost: int = 5_000


@dataclass(frozen=True, slots=True)
class _Size:
    """What one selection set comes to."""

    depth: int = 0
    aliases: int = 0
    fields: int = 0
    directives: int = 0

    def beside(self, other: _Size) -> _Size:
        """Return the size of both together, on one level."""
        return _Size(
            max(self.depth, other.depth),
            min(self.aliases + other.aliases, _MANY),
            min(self.fields + other.fields, _MANY),
            min(self.directives + other.directives, _MANY),
        )


_NAMES = {
    "depth": Text("levels of fields", "مستوى من الحقول"),
    "aliases": Text("aliases", "اسماً مستعاراً"),
    "root_fields": Text("root fields", "حقلاً رئيسياً"),
    "directives": Text("directives", "توجيهاً"),
    "repeats": Text("times the same field in one place,", "مرة للحقل نفسه في موضع واحد"),
}


def check_shape(document: DocumentNode, limits: Limits) -> None:
    """Pass, or refuse a document of which an operation is too large.

    Raises:
        LimitExceeded: names the limit, its size and what was asked for.
    """
    walk = _Walk(document)
    for node in document.definitions:
        if not isinstance(node, OperationDefinitionNode):
            continue
        size = walk.size(node.selection_set, 1)
        counts = {
            "depth": size.depth,
            "aliases": size.aliases,
            "root_fields": size.fields,
            "directives": min(size.directives + len(node.directives or ()), _MANY),
        }
        for name, found in counts.items():
            limit: int = getattr(limits, name)
            if found > limit:
                raise _too_many(name, found, limit)
    _check_repeats(document, limits.repeats)


def _check_repeats(document: DocumentNode, limit: int) -> None:
    """Refuse what is asked for again and again in one place: validation compares each pair.

    Fragments count once as a part of each selection that spreads them, at whatever distance.
    """
    places = _Places(document)
    while places.pending:
        names, spreads = places.here(places.pending.pop())
        for fragment in places.reachable(spreads):
            names = names + places.fragment(fragment)[0]
        most = max(names.values(), default=0)
        if most > limit:
            raise _too_many("repeats", most, limit)


class _Places:
    """The selections of a document: which names and which fragments stand in each."""

    def __init__(self, document: DocumentNode) -> None:
        self._fragments = {
            node.name.value: node
            for node in document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }
        self._known: dict[str, tuple[Counter[str], set[str]]] = {}
        self.pending = [
            node.selection_set
            for node in document.definitions
            if isinstance(node, OperationDefinitionNode)
        ]

    def here(self, selections: SelectionSetNode) -> tuple[Counter[str], set[str]]:
        """Return the names and the spread fragments of one place; put the inner ones in line."""
        names: Counter[str] = Counter()
        spreads: set[str] = set()
        level = [selections]
        while level:
            for node in level.pop().selections:
                if isinstance(node, FieldNode):
                    names[(node.alias or node.name).value] += 1
                    if node.selection_set is not None:
                        self.pending.append(node.selection_set)
                elif isinstance(node, InlineFragmentNode):
                    level.append(node.selection_set)
                elif isinstance(node, FragmentSpreadNode):
                    spreads.add(node.name.value)
        return names, spreads

    def fragment(self, name: str) -> tuple[Counter[str], set[str]]:
        """Return the same of a fragment, looked at once; nothing of one that is not there."""
        if name not in self._known:
            node = self._fragments.get(name)
            self._known[name] = self.here(node.selection_set) if node else (Counter(), set())
        return self._known[name]

    def reachable(self, spreads: set[str]) -> set[str]:
        """Return the fragments that are spread in one place, by way of others too."""
        found: set[str] = set()
        pending = list(spreads)
        while pending:
            name = pending.pop()
            if name not in found:
                found.add(name)
                pending.extend(self.fragment(name)[1])
        return found


def _too_many(name: str, found: int, limit: int) -> LimitExceeded:
    what = _NAMES[name]
    return LimitExceeded(
        Text(
            f"At most {limit} {what.en} in one operation.",
            f"{limit} {what.ar} كحد أقصى في العملية الواحدة.",
        ),
        limit=limit,
        found=found,
    )


class _Walk:
    """Measures selection sets, remembering each fragment."""

    def __init__(self, document: DocumentNode) -> None:
        self._fragments = {
            node.name.value: node
            for node in document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }
        self._known: dict[str, _Size] = {}

    def size(self, selections: SelectionSetNode, level: int) -> _Size:
        """Return the size of a selection set; ``fields`` counts its own level only.

        Raises:
            LimitExceeded: it is nested beyond all measure.
        """
        if level > _NESTED:
            raise _too_many("depth", level, _NESTED)
        total = _Size()
        for node in selections.selections:
            total = total.beside(_Size(directives=len(node.directives or ())))
            if isinstance(node, FieldNode):
                total = total.beside(self._field(node, level))
            elif isinstance(node, InlineFragmentNode):
                total = total.beside(self.size(node.selection_set, level + 1))
            elif isinstance(node, FragmentSpreadNode):
                total = total.beside(self._fragment(node.name.value, level))
        return total

    def _field(self, node: FieldNode, level: int) -> _Size:
        inner = self.size(node.selection_set, level + 1) if node.selection_set else _Size()
        # Introspection is deep by nature; validation has a rule of its own for it.
        depth = 0 if node.name.value in {"__schema", "__type"} else inner.depth + 1
        aliases = min(inner.aliases + (node.alias is not None), _MANY)
        return _Size(depth, aliases, 1, inner.directives)

    def _fragment(self, name: str, level: int) -> _Size:
        if name not in self._known:
            # A cycle finds this entry; validation tells of it, as of an unknown fragment.
            self._known[name] = _Size()
            node = self._fragments.get(name)
            if node is not None:
                self._known[name] = self.size(node.selection_set, level + 1)
        return self._known[name]
