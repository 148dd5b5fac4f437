"""A document that may run: parsed, validated, and in production perhaps one of an agreed list."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    parse,
    print_ast,
    validate,
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
    """The operations that may run, compared by their canonical print: white space does not count.

    Args:
        place: a folder or a file; ``*.graphql`` holds operations with their fragments, ``*.json``
            a manifest of id to document, as front ends' tools write it.

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
                for identifier, text in json.loads(file.read_text(encoding="utf-8")).items():
                    self._add(file, identifier, text, schema)
        if not self._prints:
            raise BootError(
                "bawaba", f"trusted documents {place}", "holds none", "add *.graphql or *.json"
            )

    def knows(self, prepared: Prepared) -> bool:
        """Return whether an operation, with its fragments, is on the list."""
        return _print(prepared.document, prepared.name) in self._prints

    def text_of(self, identifier: str) -> str | None:
        """Return the document of a manifest's id, or of ``sha256:`` and the hash of its text."""
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
        for name in separate_operations(document):
            self._prints.add(_print(document, name or None))
        for key in (identifier, hashlib.sha256(text.encode()).hexdigest()):
            if key is not None:
                self._texts[key.removeprefix("sha256:")] = text


def _print(document: DocumentNode, name: str | None) -> str:
    """Return the hash of one operation and its fragments, in one form whatever was sent."""
    alone = separate_operations(document)[name or ""]
    ordered = sorted(print_ast(node) for node in alone.definitions)
    return hashlib.sha256("\n".join(ordered).encode()).hexdigest()
