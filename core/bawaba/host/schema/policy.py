"""Policies at work: the permission is asked before a resolver runs, refusals become payloads."""

from __future__ import annotations

from collections.abc import Callable
from inspect import isawaitable
from typing import TYPE_CHECKING, Any

from graphql import GraphQLField, GraphQLObjectType, GraphQLResolveInfo

from bawaba.errors import Forbidden, Refusal, Unauthenticated
from bawaba.graphql import PUBLIC, BusinessError, Context, Policy
from bawaba.policies import POLICY
from bawaba.viewer import Viewer

if TYPE_CHECKING:
    from bawaba.host.schema.compose import ComposedSchema

_BACKREF = "strawberry-definition"


def enforce(schema: ComposedSchema) -> None:
    """Wrap the resolver of every field that has a policy, in place."""
    for name, kind in schema._schema.type_map.items():  # noqa: SLF001
        if not isinstance(kind, GraphQLObjectType) or name.startswith("__"):
            continue
        for field in kind.fields.values():
            definition = field.extensions.get(_BACKREF)
            policy = definition.metadata.get(POLICY) if definition is not None else None
            if isinstance(policy, Policy):
                _wrap(name, field, definition, policy)


def _wrap(type_name: str, field: GraphQLField, definition: Any, policy: Policy) -> None:
    if type_name == "Subscription" and field.subscribe is not None:
        field.subscribe = _guarded_stream(field.subscribe, policy)
    elif type_name == "Mutation" and field.resolve is not None:
        field.resolve = _guarded_mutation(field.resolve, policy, definition.type)
    elif field.resolve is not None:
        field.resolve = _guarded(field.resolve, policy)


def ask(policy: Policy, context: Context) -> None:
    """Pass, or end the operation.

    Raises:
        Unauthenticated: the field is not public and nobody is signed in.
        Forbidden: no role of the viewer gives the permission, in any scope.
    """
    if policy.permission == PUBLIC:
        return
    if context.viewer.is_anonymous:
        raise Unauthenticated
    if not allowed(policy, context.viewer):
        raise Forbidden


def allowed(policy: Policy, viewer: Viewer) -> bool:
    """Return whether ``viewer`` holds the field's permission in any scope."""
    return policy.permission == PUBLIC or viewer.can_anywhere(policy.permission)


def _guarded(resolve: Callable[..., Any], policy: Policy) -> Callable[..., Any]:
    def guarded(source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        ask(policy, info.context)
        return resolve(source, info, **arguments)

    return guarded


def _guarded_mutation(
    resolve: Callable[..., Any], policy: Policy, payload: Callable[..., Any]
) -> Callable[..., Any]:
    async def guarded(source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        context: Context = info.context
        ask(policy, context)
        try:
            result = resolve(source, info, **arguments)
            return await result if isawaitable(result) else result
        except Refusal as refusal:
            return payload(errors=[BusinessError.of(refusal, context.language)])

    return guarded


def _guarded_stream(subscribe: Callable[..., Any], policy: Policy) -> Callable[..., Any]:
    async def guarded(source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        ask(policy, info.context)
        found = subscribe(source, info, **arguments)
        return await found if isawaitable(found) else found

    return guarded
