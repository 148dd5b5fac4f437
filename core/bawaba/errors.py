"""What can go wrong, as types.

A *refusal* is a business answer: it stands in a payload's ``errors``. A *request error* ends the
operation: it stands in the response's top-level ``errors`` with ``extensions.code``. Anything else
that is raised is a fault: logged once with the correlation id, shown to nobody.

    Exception
    ├── Refusal              payload errors (a plugin subclasses it, one class a code)
    │   ├── NotFound         NOT_FOUND, the one refusal that is core's and every plugin's
    │   └── TryAgain         as above, and the idempotency key stays free
    ├── RequestError         top-level errors
    │   ├── Unauthenticated  UNAUTHENTICATED
    │   │   └── AccountSuspended ACCOUNT_SUSPENDED
    │   ├── Forbidden        FORBIDDEN
    │   ├── BadInput         BAD_USER_INPUT
    │   ├── LimitExceeded    LIMIT_EXCEEDED
    │   └── Unavailable      SERVICE_UNAVAILABLE
    ├── AgencyUnavailable    an agency's own system did not answer
    │   └── AgencyNotConnected   it cannot be asked until an operator connects it
    └── BootError            the host does not start; names the plugin and the mend
"""

from __future__ import annotations

from typing import Any, ClassVar

from bawaba.text import Language, Text

__all__ = [
    "AccountSuspended",
    "AgencyNotConnected",
    "AgencyUnavailable",
    "BadInput",
    "BootError",
    "Forbidden",
    "LimitExceeded",
    "NotFound",
    "Refusal",
    "RequestError",
    "TryAgain",
    "Unauthenticated",
    "Unavailable",
]


class Refusal(Exception):
    """A business refusal with a stable code and a sentence in both languages.

    Subclass it in a plugin's ``domain.py`` and return the class from ``declare_errors``; codes of
    a plugin start with its prefix in upper case. The docstring is the cause and the mend shown on
    the error's page.

    Args:
        path: where in the input the cause stands, e.g. ``("items", "0", "billId")``.
        values: fill the format fields of ``text``; a :class:`Text` in each language.
    """

    code: ClassVar[str]
    text: ClassVar[Text]

    def __init__(self, *path: str, **values: Any) -> None:
        self.path = path
        self.values = values
        super().__init__(self.code)

    def message(self, language: Language) -> str:
        """Return the sentence in ``language``."""
        return self.text.fill(**self.values).in_(language)


class TryAgain(Refusal):
    """A refusal that decides nothing, e.g. while an agency is silent.

    It is not kept under the idempotency key: the same request may be sent again with the same key.
    """


class NotFound(Refusal):
    """Nothing with this id or reference exists, or it is not yours to see."""

    code: ClassVar[str] = "NOT_FOUND"
    text = Text("It was not found.", "لم يُعثر عليه.")


class RequestError(Exception):
    """Ends the whole operation; shown under the response's ``errors``."""

    code: ClassVar[str] = "BAD_REQUEST"
    text: ClassVar[Text] = Text("The request cannot be served.", "تعذّر تنفيذ الطلب.")

    def __init__(self, detail: Text | None = None, **extensions: Any) -> None:
        self.detail = detail or self.text
        self.extensions = extensions
        super().__init__(self.detail.en)


class Unauthenticated(RequestError):
    """Nobody is signed in, or the token is expired, revoked or not ours. Sign in again."""

    code = "UNAUTHENTICATED"
    text = Text("Sign in to do this.", "سجّل الدخول للقيام بذلك.")


class AccountSuspended(Unauthenticated):
    """The token is good and its account is suspended: to sign in again changes nothing.

    Whoever manages the accounts of the platform, or of the body that suspended it, reinstates it.
    """

    code = "ACCOUNT_SUSPENDED"
    text = Text("This account is suspended.", "هذا الحساب معلّق.")


class Forbidden(RequestError):
    """The signed-in person lacks the permission that the field names."""

    code = "FORBIDDEN"
    text = Text("You may not do this.", "لا تملك صلاحية القيام بذلك.")


class BadInput(RequestError):
    """An argument cannot be understood, e.g. a cursor of another list or ``first`` over 100."""

    code = "BAD_USER_INPUT"
    text = Text("An argument is not valid.", "إحدى القيم المدخلة غير صالحة.")


class LimitExceeded(RequestError):
    """A limit on size, rate or cost was passed. Ask for less, or later."""

    code = "LIMIT_EXCEEDED"
    text = Text("A limit was exceeded.", "تم تجاوز أحد الحدود.")


class Unavailable(RequestError):
    """A part of the platform or an agency's system is out of reach. Try again later."""

    code = "SERVICE_UNAVAILABLE"
    text = Text("The service is unavailable for now.", "الخدمة غير متاحة حالياً.")


class AgencyUnavailable(Exception):
    """An agency's own system is down, slow or answered nonsense.

    Raised by a plugin's ``gateway.py``; core turns it into ``unavailableServices``, a retried job
    or :class:`Unavailable`, by where it happens.
    """


class AgencyNotConnected(AgencyUnavailable):
    """An agency cannot be asked before an operator acts, e.g. gives the address for its letters.

    A job that raises it is put off, with no attempt counted, until the agency is connected.
    """


class BootError(Exception):
    """The host refuses to start.

    Args:
        plugin: the plugin at fault.
        element: what of it, e.g. ``"Query.permitFees"``.
        mend: what its developer should do.
    """

    def __init__(self, plugin: str, element: str, problem: str, mend: str) -> None:
        self.plugin, self.element, self.problem, self.mend = plugin, element, problem, mend
        super().__init__(f"plugin {plugin!r}: {element}: {problem}. Mend: {mend}")
