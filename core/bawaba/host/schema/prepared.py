"""A document that may run: parsed, validated, and in production perhaps one of an agreed list."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphql import (
    REMOVE,
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    Visitor,
    VisitorAction,
    parse,
    print_ast,
    validate,
    visit,
)
from graphql.utilities import separate_operations

from bawaba.errors import BootError


@dataclass(frozen=True, slots=True)
class Prepared:
    """A parsed and validated document with the one operation to run."""

    document: DocumentNode
    operation: OperationDefinitionNode

    @property
    def kind(self) -> OperationType:
        """Query, mutation or subscription."""
        return self.operation.operation

    @property
    def name(self) -> str | None:
        """The operation's name, if it has one."""
        return self.operation.name.value if self.operation.name else None


class TrustedDocuments:
    """The operations that may run, compared by their canonical print.

    White space does not count, nor does ``__typename``: clients with a cache put it everywhere.

    Args:
        place: a folder or a file; ``*.graphql`` holds operations with their fragments, ``*.json``
            a manifest as front ends' tools write it: id to document, or Apollo's operations.

    Raises:
        BootError: there is none, or one does not fit the schema; names the file.
    """

    def __init__(self, place: Path, schema: GraphQLSchema) -> None:
        self._prints: set[str] = set()
        self._texts: dict[str, str] = {}
        files = sorted(place.rglob("*")) if place.is_dir() else [place]
        for file in files:
            if file.suffix == ".graphql":
                self._add(file, None, file.read_text(encoding="utf-8"), schema)
            elif file.suffix == ".json":
                for identifier, text in _listed(json.loads(file.read_text(encoding="utf-8"))):
                    self._add(file, identifier, text, schema)
        if not self._prints:
            raise BootError(
                "bawaba", f"trusted documents {place}", "holds none", "add *.graphql or *.json"
            )

    def knows(self, prepared: Prepared) -> bool:
        """Return whether an operation, with its fragments, is on the list."""
        alone = separate_operations(prepared.document)[prepared.name or ""]
        return _print(alone) in self._prints

    def text_of(self, identifier: str) -> str | None:
        """Return a document by a manifest's id, or by the SHA-256 of its text.

        That is the text as it was registered, or one operation of it as graphql-js prints it;
        ``sha256:`` may stand before.
        """
        return self._texts.get(identifier.removeprefix("sha256:"))

    def _add(self, file: Path, identifier: str | None, text: str, schema: GraphQLSchema) -> None:
        try:
            document = parse(text)
            flaws = validate(schema, document)
        except GraphQLError as error:
            flaws = [error]
        if flaws:
            raise BootError(
                "bawaba", f"trusted document {file}", flaws[0].message, "mend or remove it"
            )
        for alone in separate_operations(document).values():
            self._prints.add(_print(alone))
            self._texts[_sha256(print_ast(alone))] = print_ast(alone)
        for key in (identifier, _sha256(text)):
            if key is not None:
                self._texts[key.removeprefix("sha256:")] = text


def _listed(manifest: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    if isinstance(operations := manifest.get("operations"), list):
        return [(each["id"], each["body"]) for each in operations]
    return manifest.items()


class _WithoutTypenames(Visitor):
    def enter_field(self, node: FieldNode, *_: Any) -> VisitorAction:
        plain = node.name.value == "__typename" and node.alias is None and not node.directives
        return REMOVE if plain else None


def _print(alone: DocumentNode) -> str:
    """Return the hash of one operation and its fragments, in one form whatever was sent."""
    bare = visit(alone, _WithoutTypenames())
    ordered = sorted(print_ast(node) for node in bare.definitions)
    return _sha256("\n".join(ordered))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
