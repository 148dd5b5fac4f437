"""Every code that an answer may carry: refusals of core and plugins, and request errors."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass

from bawaba import errors
from bawaba.errors import BootError, Refusal, RequestError
from bawaba.graphql import NotFound
from bawaba.host.registry import CORE, Registry
from bawaba.text import Text

_CODE = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")


class InternalError(RequestError):
    """A fault of the platform. It is logged under the correlation id that the answer carries."""

    code = "INTERNAL_ERROR"
    text = Text("Something went wrong on our side.", "حدث خطأ من جانبنا.")


class ParseFailed(RequestError):
    """The document is not GraphQL. The message says where."""

    code = "GRAPHQL_PARSE_FAILED"
    text = Text("The document is not valid GraphQL.", "صياغة المستند غير صحيحة.")


class ValidationFailed(RequestError):
    """The document does not fit the schema. The messages say where."""

    code = "GRAPHQL_VALIDATION_FAILED"
    text = Text("The document does not fit the schema.", "المستند لا يطابق المخطط.")


class BadRequest(RequestError):
    """The HTTP request is not a GraphQL-over-HTTP request."""

    code = "BAD_REQUEST"
    text = Text("This is not a GraphQL request.", "هذا ليس طلب GraphQL صالحاً.")


class DocumentNotTrusted(RequestError):
    """This gateway runs agreed documents only, and this is none. Register it, or mend its id."""

    code = "DOCUMENT_NOT_TRUSTED"
    text = Text("This document is not on the agreed list.", "هذا المستند ليس في القائمة المعتمدة.")


class PersistedQueryNotFound(RequestError):
    """No document of this id is known here: send its text.

    The message is the word that clients of automatic persisted queries wait for, in any language.
    """

    code = "PERSISTED_QUERY_NOT_FOUND"
    text = Text("No document of this id is known here.", "لا يُعرف هنا مستند بهذا المعرّف.")

    def __init__(self) -> None:
        super().__init__(Text("PersistedQueryNotFound", "PersistedQueryNotFound"))


REQUEST_ERRORS: list[type[RequestError]] = [
    errors.AccountSuspended,
    errors.BadInput,
    errors.Forbidden,
    errors.LimitExceeded,
    errors.Unauthenticated,
    errors.Unavailable,
    BadRequest,
    DocumentNotTrusted,
    InternalError,
    ParseFailed,
    PersistedQueryNotFound,
    ValidationFailed,
]


def error_classes(registry: Registry) -> dict[str, type[Refusal]]:
    """Return code to refusal class of every loaded plugin, core included.

    Raises:
        BootError: a malformed code, a missing prefix, missing words, or a code declared twice.
    """
    found: dict[str, type[Refusal]] = {NotFound.code: NotFound}
    for plugin, kind in registry.each("declare_errors"):
        code = kind.code
        wrong_prefix = plugin.name != "bawaba" and not code.startswith(plugin.manifest.error_prefix)
        if not _CODE.fullmatch(code) or wrong_prefix:
            raise BootError(
                plugin.name,
                f"error code {code!r}",
                "is not well named",
                f"use UPPER_CASE words that start with {plugin.manifest.error_prefix!r}",
            )
        if not (kind.text.en and kind.text.ar and kind.__doc__):
            raise BootError(
                plugin.name,
                f"error code {code!r}",
                "lacks words",
                "give it text in both languages and a docstring",
            )
        if found.setdefault(code, kind) is not kind:
            raise BootError(
                plugin.name, f"error code {code!r}", "is declared twice", "choose another code"
            )
    return found


def request_errors(registry: Registry) -> dict[str, type[RequestError]]:
    """Return code to class of every top-level error, those that plugins derive included."""
    known = {kind.code: kind for kind in REQUEST_ERRORS}
    packages = {plugin.package for plugin in registry.plugins}
    pending = list(RequestError.__subclasses__())
    while pending:
        kind = pending.pop()
        pending += kind.__subclasses__()
        if kind.__module__.partition(".")[0] in packages:
            known.setdefault(kind.code, kind)
    return dict(sorted(known.items()))


_REFUSAL = Text("refusal", "رفض")
_REQUEST = Text("request error", "خطأ في الطلب")


@dataclass(frozen=True, slots=True)
class ErrorEntry:
    """One code as people look it up."""

    code: str
    text: Text
    cause: str
    plugin: str
    is_refusal: bool

    @property
    def kind(self) -> Text:
        """What it is called: a refusal stands in a payload, a request error at the top."""
        return _REFUSAL if self.is_refusal else _REQUEST


def error_catalogue(registry: Registry) -> list[ErrorEntry]:
    """Return every code that an answer may carry, in the order of the alphabet."""
    packages = {plugin.package: plugin.name for plugin in registry.plugins}
    found: dict[str, type[Refusal | RequestError]] = {**request_errors(registry)}
    found.update(error_classes(registry))
    return [
        ErrorEntry(
            code=code,
            text=kind.text,
            cause=" ".join(inspect.cleandoc(kind.__doc__ or "").split()),
            plugin=packages.get(kind.__module__.partition(".")[0], CORE),
            is_refusal=issubclass(kind, Refusal),
        )
        for code, kind in sorted(found.items())
    ]
