"""The engine: parse and validate once, execute often, answer with typed errors only."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from inspect import isawaitable
from itertools import islice
from typing import Any

import structlog
from graphql import (
    DocumentNode,
    ExecutionResult,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSyntaxError,
    InlineFragmentNode,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    execute,
    parse,
    specified_rules,
    validate,
)
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from bawaba.db import StorageUnavailable
from bawaba.errors import (
    AgencyUnavailable,
    BadInput,
    LimitExceeded,
    Refusal,
    RequestError,
    Unavailable,
)
from bawaba.graphql import Context
from bawaba.host.schema.codes import (
    DocumentNotTrusted,
    InternalError,
    ParseFailed,
    PersistedQueryNotFound,
    ValidationFailed,
)
from bawaba.host.schema.compose import ComposedSchema, field_policies
from bawaba.host.schema.cost import Costs
from bawaba.host.schema.guards import Limits, check_shape
from bawaba.host.schema.prepared import Prepared, TrustedDocuments
from bawaba.host.storage.errors import unstorable
from bawaba.runtime import correlation_id
from bawaba.text import Language, Text

log = structlog.get_logger(__name__)
Answer = dict[str, Any]
Gate = Callable[[int], AbstractAsyncContextManager[None]]
_TOO_MANY_TOKENS = "Document contains more than"
"""What graphql-core says then; it has no type of its own for it."""
MAX_ERRORS = 5
MAX_MESSAGE = 300
_CACHED_DOCUMENTS = 1_000


class Rejected(Exception):
    """The request was refused before anything ran; ``answer`` is the response."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        super().__init__("rejected")


class Engine:
    """Runs operations on one composed schema.

    Args:
        introspection: whether the schema may be asked about.
        suggestions: whether errors say what might have been meant; None: as ``introspection``.
        limits: how large an operation may be.
        trusted: the only documents that may run; None: any.
    """

    def __init__(
        self,
        schema: ComposedSchema,
        *,
        introspection: bool,
        suggestions: bool | None = None,
        limits: Limits | None = None,
        trusted: TrustedDocuments | None = None,
    ) -> None:
        self.limits = limits or Limits()
        self._suggestions = introspection if suggestions is None else suggestions
        self._trusted = trusted
        self.schema = schema
        self.core = schema._schema  # noqa: SLF001  executing directly: the fast path
        self._costs = Costs(self.core)
        rules = list(specified_rules)
        self._rules = rules if introspection else [*rules, NoSchemaIntrospectionCustomRule]
        self._met: OrderedDict[tuple[str, str | None], Prepared] = OrderedDict()
        self._weighty = frozenset(
            name.partition(".")[2]
            for name, policy in field_policies(schema).items()
            if policy.effect is not None and name.startswith("Mutation.")
        )

    def prepare(self, query: str, operation_name: str | None, language: Language) -> Prepared:
        """Return the operation to run.

        Raises:
            Rejected: not GraphQL, not of this schema, over a limit, or no such operation.
        """
        prepared = self._met.get((query, operation_name))
        if prepared is None:
            document = self._parsed(query, language)
            prepared = Prepared(document, self._chosen(document, operation_name, language))
            if self._trusted is not None and not self._trusted.knows(prepared):
                raise Rejected(self.refused([_wrapped(DocumentNotTrusted())], language))
            self._met[query, operation_name] = prepared
            if len(self._met) > _CACHED_DOCUMENTS:
                self._met.popitem(last=False)
        else:
            self._met.move_to_end((query, operation_name))
        return prepared

    def has_met(self, query: str, operation_name: str | None) -> bool:
        """Return whether an operation is parsed, validated and allowed already."""
        return (query, operation_name) in self._met

    def text_of(self, document_id: str, language: Language) -> str:
        """Return the text of a document that was sent by its id.

        Raises:
            Rejected: it is not known here; without a trusted list, the client may send its text.
        """
        if self._trusted is None:
            raise Rejected(self.refused([_wrapped(PersistedQueryNotFound())], language))
        found = self._trusted.text_of(document_id)
        if found is None:
            raise Rejected(self.refused([_wrapped(DocumentNotTrusted())], language))
        return found

    async def execute(
        self,
        prepared: Prepared,
        variables: Mapping[str, Any] | None,
        context: Context,
        gate: Gate | None = None,
    ) -> Answer:
        """Run a query or mutation and return its response.

        Args:
            gate: given what the operation costs, the block in which it runs.

        Raises:
            Rejected: it costs too much.
        """
        cost = self.check_cost(prepared, variables or {}, context.language)
        async with nullcontext() if gate is None else gate(cost):
            result: Any = execute(
                self.core,
                prepared.document,
                context_value=context,
                variable_values=dict(variables or {}),
                operation_name=prepared.name,
                executor_class=StrawberryGraphQLCoreExecutionContext,
            )
            if isawaitable(result):
                result = await result
        return self.answer(result, context.language)

    def check_cost(
        self, prepared: Prepared, variables: Mapping[str, Any], language: Language
    ) -> int:
        """Return what an operation costs with these variables.

        Raises:
            Rejected: more than is allowed.
        """
        cost = self._costs.of(prepared.document, prepared.operation, variables)
        if cost > self.limits.cost:
            detail = Text(
                f"This operation costs {cost}; {self.limits.cost} is the most. Ask for less.",
                f"كلفة هذه العملية {cost}، والحد الأقصى {self.limits.cost}. اطلب أقل.",
            )
            refusal = LimitExceeded(detail, cost=cost, limit=self.limits.cost)
            raise Rejected(self.refused([_wrapped(refusal)], language))
        return cost

    def answer(
        self, result: ExecutionResult, language: Language, *, started: bool = True
    ) -> Answer:
        """Return a response; ``data`` stands only where execution began."""
        answer: Answer = {"data": result.data} if started else {}
        if result.errors:
            answer["errors"] = [
                self._shown(error, language) for error in result.errors[:MAX_ERRORS]
            ]
            if started and result.data is None and all(e.path is None for e in result.errors):
                del answer["data"]
        return answer

    def refused(self, errors: Iterable[GraphQLError], language: Language) -> Answer:
        """Return a response of errors alone."""
        return {"errors": [self._shown(error, language) for error in islice(errors, MAX_ERRORS)]}

    def _parsed(self, query: str, language: Language) -> DocumentNode:
        too_long = _too_long(self.limits)
        if len(query) > self.limits.characters:
            raise Rejected(self.refused([_wrapped(too_long)], language))
        try:
            document = parse(query, max_tokens=self.limits.tokens)
            check_shape(document, self.limits)
        except GraphQLSyntaxError as error:
            if _TOO_MANY_TOKENS in error.message:
                raise Rejected(self.refused([_wrapped(too_long)], language)) from None
            raise Rejected(self.refused([error], language)) from None
        except LimitExceeded as error:
            raise Rejected(self.refused([_wrapped(error)], language)) from None
        except RecursionError:
            raise Rejected(self.refused([_wrapped(too_long)], language)) from None
        errors = validate(
            self.core,
            document,
            self._rules,
            max_errors=MAX_ERRORS,
            hide_suggestions=not self._suggestions,
        )
        if errors:
            raise Rejected(self.refused(errors, language))
        return document

    def _chosen(
        self, document: DocumentNode, name: str | None, language: Language
    ) -> OperationDefinitionNode:
        operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
        if name is not None:
            operations = [o for o in operations if o.name is not None and o.name.value == name]
        if len(operations) != 1:
            detail = Text("Name one operation of the document.", "حدّد عملية واحدة من المستند.")
            raise Rejected(self.refused([_wrapped(BadInput(detail))], language))
        if (
            operations[0].operation is OperationType.MUTATION
            and self._count_weighty(document, operations[0]) > 1
        ):
            detail = Text(
                "One operation may move money or vote only once.",
                "لا يجوز في العملية الواحدة أكثر من حركة مالية أو تصويت واحد.",
            )
            raise Rejected(self.refused([_wrapped(LimitExceeded(detail))], language))
        return operations[0]

    def _count_weighty(self, document: DocumentNode, operation: OperationDefinitionNode) -> int:
        """Count root fields that move money or vote, each fragment walked once a spread."""
        fragments = {
            d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)
        }
        known: dict[str, int] = {}

        def count(selections: SelectionSetNode) -> int:
            total = 0
            for node in selections.selections:
                if isinstance(node, FieldNode):
                    total += node.name.value in self._weighty
                elif isinstance(node, InlineFragmentNode):
                    total += count(node.selection_set)
                elif isinstance(node, FragmentSpreadNode):
                    name = node.name.value
                    if name not in known:
                        known[name] = count(fragments[name].selection_set)
                    total += known[name]
            return total

        return count(operation.selection_set)

    def _shown(self, error: GraphQLError, language: Language) -> dict[str, Any]:
        shown: dict[str, Any] = {"message": error.message}
        cause = _cause(error)
        if isinstance(cause, Refusal):
            shown["message"] = cause.message(language)
            extensions: dict[str, Any] = {"code": cause.code}
        else:
            if isinstance(cause, InternalError):
                _log_fault(error)
                extensions = {"code": cause.code, "correlationId": correlation_id()}
            else:
                extensions = {"code": cause.code, **cause.extensions}
            shown["message"] = cause.detail.in_(language)
        shown["message"] = shown["message"][:MAX_MESSAGE]
        if error.locations:
            places = error.locations[:MAX_ERRORS]
            shown["locations"] = [location.formatted for location in places]
        if error.path:
            shown["path"] = list(error.path)
        shown["extensions"] = extensions
        return shown


def _wrapped(error: RequestError) -> GraphQLError:
    return GraphQLError(str(error), original_error=error)


def _too_long(limits: Limits) -> LimitExceeded:
    return LimitExceeded(
        Text(
            f"The document is over {limits.characters} characters or {limits.tokens} tokens, "
            "or nested too deeply.",
            f"المستند يتجاوز {limits.characters} حرف أو {limits.tokens} رمز، أو متداخل بعمق زائد.",
        )
    )


def _cause(error: GraphQLError) -> RequestError | Refusal:
    """Return what an error amounts to, as one of the typed ones."""
    original = error.original_error
    while isinstance(original, GraphQLError) and original.original_error is not None:
        original = original.original_error
    if isinstance(original, RequestError | Refusal):
        return original
    if isinstance(original, StorageUnavailable | AgencyUnavailable):
        return Unavailable()
    if (error.path is None and error.nodes is not None) or isinstance(error, GraphQLSyntaxError):
        return _fault_of_document(error)
    return BadInput() if unstorable(original) else InternalError()


def _fault_of_document(error: GraphQLError) -> RequestError:
    """Return what is wrong with the document or its variables, in graphql-core's own words."""
    words = Text(error.message, error.message)
    if isinstance(error, GraphQLSyntaxError):
        return ParseFailed(words)
    kinds = {getattr(node, "kind", "") for node in error.nodes or ()}
    return BadInput(words) if kinds == {"variable_definition"} else ValidationFailed(words)


def _log_fault(error: GraphQLError) -> None:
    log.error(
        "fault in a resolver",
        path=".".join(str(key) for key in error.path or ()),
        exc_info=error.original_error or error,
    )
