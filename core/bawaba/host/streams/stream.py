"""Live fields on the engine: what a subscription watches, and one frame for all who share it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any

import orjson
from graphql import (
    ExecutionResult,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    VariableNode,
    create_source_event_stream,
    execute,
)
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from bawaba.db import StorageUnavailable
from bawaba.errors import Forbidden, NotFound, Unauthenticated
from bawaba.graphql import Context, LivePolicy, Policy
from bawaba.host.schema.engine import Engine, Rejected
from bawaba.host.schema.policy import allowed
from bawaba.host.schema.prepared import Prepared
from bawaba.live import LiveEvent, Watch
from bawaba.policies import LIVE, POLICY
from bawaba.text import Language
from bawaba.viewer import Viewer

_AFTER = "after"


class Ended(Exception):
    """The stream ends for everybody who shares it; ``errors`` say why."""

    def __init__(self, errors: list[Any]) -> None:
        self.errors = errors
        super().__init__("ended")


@dataclass(frozen=True, slots=True)
class Stream:
    """One subscription as it is shared: equal keys are executed once."""

    key: tuple[Any, ...]
    watch: Watch[Any]
    policy: Policy
    live: LivePolicy
    language: Language
    engine: Engine
    prepared: Prepared
    variables: Mapping[str, Any]

    def admits(self, viewer: Viewer) -> bool:
        """Return whether ``viewer`` may go on watching, by the rights of this moment."""
        return allowed(self.policy, viewer) and self.watch.audience.admits(viewer)

    def farewell(self, viewer: Viewer) -> list[Any]:
        """Return the errors for a viewer whom it does not admit (any more)."""
        error = Unauthenticated() if viewer.is_anonymous else Forbidden()
        return self.errors(error)

    def errors(self, error: Exception) -> list[Any]:
        """Return ``error`` as the list that a last message carries, at the path of the field."""
        root = _root_field(self.prepared)
        path = [(root.alias or root.name).value]
        ended = GraphQLError("ended", path=path, original_error=error)
        shown = self.engine.refused([ended], self.language)
        return list(shown["errors"])

    async def render(self, event: LiveEvent, viewer: Viewer) -> bytes:
        """Return the response to ``event``, as JSON, for everybody of the audience.

        Raises:
            Ended: there is nothing (any more) that the audience may see, or a fault.
            StorageUnavailable: the database is away; ask again.
        """
        seen_as = self.watch.audience.seen_as(viewer)
        try:
            value = await self.watch.show(event, seen_as)
        except StorageUnavailable:
            raise
        except Exception as error:
            raise Ended(self.errors(error)) from error
        if value is None:
            raise Ended(self.errors(NotFound()))
        result: Any = execute(
            self.engine.core,
            self.prepared.document,
            value,
            Context(viewer=seen_as),
            dict(self.variables),
            self.prepared.name,
            executor_class=StrawberryGraphQLCoreExecutionContext,
        )
        if isawaitable(result):
            result = await result
        for failed in result.errors or ():
            if isinstance(failed.original_error, StorageUnavailable):
                raise failed.original_error
        return orjson.dumps(
            self.engine.answer(result, self.language), option=orjson.OPT_NON_STR_KEYS
        )


async def open_stream(
    engine: Engine,
    prepared: Prepared,
    variables: Mapping[str, Any] | None,
    viewer: Viewer,
    after: str | None = None,
) -> Stream:
    """Ask a live field what it watches, for ``viewer``.

    Args:
        after: overrides the document's own cursor (``Last-Event-ID``).

    Raises:
        Rejected: it could not start.
    """
    given = dict(variables or {})
    engine.check_cost(prepared, given, viewer.language)
    executor: Any = StrawberryGraphQLCoreExecutionContext.build(
        engine.core,
        prepared.document,
        context_value=Context(viewer=viewer),
        raw_variable_values=given,
        operation_name=prepared.name,
    )
    if isinstance(executor, list):
        raise Rejected(engine.refused(executor, viewer.language))
    found: Any = create_source_event_stream(executor)
    if isawaitable(found):
        found = await found
    if isinstance(found, ExecutionResult):
        raise Rejected(engine.answer(found, viewer.language, started=False))
    return _stream(engine, prepared, given, viewer, found, after)


def _stream(  # noqa: PLR0913, PLR0917  what a stream is made of
    engine: Engine,
    prepared: Prepared,
    variables: Mapping[str, Any],
    viewer: Viewer,
    watch: Watch[Any],
    after: str | None,
) -> Stream:
    root = _root_field(prepared)
    metadata = _metadata(engine, root.name.value)
    live: LivePolicy = metadata[LIVE]
    audience = watch.audience
    if audience.kind not in live.audiences:
        raise TypeError(f"{root.name.value} does not declare the audience {audience.kind!r}")
    shared = {name: value for name, value in variables.items() if name not in _places(root)}
    text = orjson.dumps(shared, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
    key = (prepared.document, prepared.name, text, viewer.language, watch.topic, audience)
    if after is not None:
        watch = Watch(watch.topic, audience, watch.show, after)
    return Stream(key, watch, metadata[POLICY], live, viewer.language, engine, prepared, variables)


def _root_field(prepared: Prepared) -> FieldNode:
    """Return the one root field; validation allows no other, but lets it stand in a fragment."""
    fragments = {
        node.name.value: node
        for node in prepared.document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
    node: Any = prepared.operation
    while not isinstance(node, FieldNode):
        node = node.selection_set.selections[0]
        if isinstance(node, FragmentSpreadNode):
            node = fragments[node.name.value]
    return node


def _metadata(engine: Engine, field: str) -> Mapping[str, Any]:
    subscriptions: Any = engine.core.subscription_type
    found: Mapping[str, Any] = (
        subscriptions.fields[field].extensions["strawberry-definition"].metadata
    )
    return found


def _places(root: FieldNode) -> set[str]:
    """Return the variable that only says where a reader resumes: it does not part an audience."""
    return {
        argument.value.name.value
        for argument in root.arguments or ()
        if argument.name.value == _AFTER and isinstance(argument.value, VariableNode)
    }
