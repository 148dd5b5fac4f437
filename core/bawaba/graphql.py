"""GraphQL building blocks: fields with a policy, ids, money, errors, connections.

Every element carries a description in English and Arabic. Fields of Query, Mutation and
Subscription, and fields added to core types, are made with :func:`field` or
:func:`subscription`, which name a permission; other fields with :func:`leaf` or :func:`computed`.
"""

from __future__ import annotations

import base64
import binascii
import enum
import re
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import TYPE_CHECKING, Annotated, Any, Generic, Literal, TypeAlias, TypeVar, cast

import strawberry

from bawaba import policies
from bawaba.errors import NotFound, Refusal
from bawaba.live import AudienceKind
from bawaba.money import CURRENCY, format_fils
from bawaba.policies import BOUND, LIVE, POLICY, LivePolicy, Policy
from bawaba.runtime import current
from bawaba.scalars import Decimal3
from bawaba.text import Language, Text, both
from bawaba.viewer import Viewer

if TYPE_CHECKING:
    from bawaba.paging import Page

__all__ = [
    "PUBLIC",
    "After",
    "BusinessError",
    "Connection",
    "Context",
    "Edge",
    "ErrorCode",
    "First",
    "Info",
    "LanguageArgument",
    "LivePolicy",
    "Money",
    "Node",
    "NotFound",
    "PageInfo",
    "Policy",
    "UserError",
    "argument",
    "computed",
    "described",
    "enum_value",
    "field",
    "global_id",
    "leaf",
    "raw_id",
    "split_id",
    "subscription",
]

T = TypeVar("T")
PUBLIC = policies.PUBLIC
"""The policy of a field that anonymous visitors may use."""
_MAX_ID = 512
_RAW_ID = re.compile(r"([A-Za-z]+):([A-Za-z0-9._-]{1,64})")
Resolver: TypeAlias = Callable[..., Any]


@dataclass(slots=True)
class Context:
    """What resolvers see under ``info.context``.

    ``cache`` lives as long as the operation, or one push of a subscription: loaders put
    themselves there. ``client`` is the address that the operation is counted for.
    """

    viewer: Viewer
    cache: dict[Any, Any] = dataclass_field(default_factory=dict)
    client: str = "-"

    @property
    def language(self) -> Language:
        """The language in which to answer."""
        return self.viewer.language

    def attempt(self, what: str, subject: str, *, times: int = 30, per: float = 60.0) -> None:
        """Count one try to find something by what could be guessed; call it before looking.

        Args:
            what: the kind of guess, e.g. ``"traffic.reference"``.
            subject: what is tried, e.g. the reference.
            times: tries allowed in ``per`` seconds, for the subject and for the viewer each.

        Raises:
            LimitExceeded: there were too many; aliases do not hide them.
        """
        who = self.viewer.person_id or self.client
        current().attempts.take(what, subject, who, times, per)

    def say(self, text: Text) -> str:
        """Return ``text`` in the viewer's language."""
        return text.in_(self.viewer.language)


Info: TypeAlias = strawberry.Info[Context, None]
"""What a resolver asks for to see its :class:`Context`, under ``info.context``."""


def field(  # noqa: PLR0913  one keyword a property of the schema element
    *,
    permission: str,
    en: str,
    ar: str,
    cost: int = 1,
    effect: Literal["money", "vote"] | None = None,
    name: str | None = None,
    bound: int | None = None,
    deprecation_reason: str | None = None,
) -> Callable[[Resolver], Any]:
    """Declare a field of Query or Mutation, or one added to a core type.

    Args:
        permission: a declared permission's name, or :data:`PUBLIC`. Asked before the resolver
            runs, in any scope; a resolver about one agency or body asks for that scope itself.
        cost: what one call adds to an operation's cost; a list multiplies it by its page size.
        bound: as in :func:`leaf`.
        deprecation_reason: must hold a date (YYYY-MM-DD) and the replacement.
    """
    declared: Callable[[Resolver], Any] = strawberry.field(
        name=name,
        description=both(en, ar),
        deprecation_reason=deprecation_reason,
        metadata={POLICY: Policy(permission, cost, effect), **_bound(bound)},
    )
    return declared


def subscription(  # noqa: PLR0913  one keyword a property of the schema element
    *,
    permission: str,
    audiences: Collection[AudienceKind],
    en: str,
    ar: str,
    cost: int = 1,
    delivery: Literal["state", "log"] = "state",
) -> Callable[[Resolver], Any]:
    """Declare a field of Subscription; its resolver returns a :class:`bawaba.live.Watch`.

    Args:
        permission: as in :func:`field`; asked again at each push.
        audiences: the kinds of audience for which the resolver may ask.
        delivery: ``state``, where each value is the whole present state: a reader that was too
            slow for several values gets one SNAPSHOT in their place. ``log``, where each value
            counts: such a reader is disconnected and told to resume from its cursor.
    """
    shared = LivePolicy(frozenset(audiences), delivery)
    declared: Callable[[Resolver], Any] = strawberry.subscription(
        description=both(en, ar), metadata={POLICY: Policy(permission, cost), LIVE: shared}
    )
    return declared


def leaf(
    en: str, ar: str, *, name: str | None = None, default: Any = ..., bound: int | None = None
) -> Any:
    """Declare a field that is an attribute of its object: no call, no await.

    Args:
        bound: the most items of a plain list, which the code that fills it keeps to.
    """
    given = {} if default is ... else {"default": default}
    return strawberry.field(name=name, description=both(en, ar), metadata=_bound(bound), **given)


def computed(
    en: str, ar: str, *, name: str | None = None, bound: int | None = None
) -> Callable[[Resolver], Any]:
    """Declare a field that is computed from its object; prefer plain synchronous functions.

    Args:
        bound: as in :func:`leaf`.
    """
    declared: Callable[[Resolver], Any] = strawberry.field(
        name=name, description=both(en, ar), metadata=_bound(bound)
    )
    return declared


def _bound(bound: int | None) -> dict[Any, Any]:
    return {} if bound is None else {BOUND: bound}


def argument(en: str, ar: str, *, name: str | None = None) -> Any:
    """Describe an argument; stands inside ``Annotated[int, …]``. ``name``: if not its own."""
    return strawberry.argument(name=name, description=both(en, ar))


def enum_value(value: str | int, en: str, ar: str) -> Any:
    """Describe one value of an enum."""
    return strawberry.enum_value(value, description=both(en, ar))


def described(kind: type[enum.Enum], words: dict[str, tuple[str, str]], en: str, ar: str) -> None:
    """Register ``kind``, a plain enum of a ``domain.py``, as a described GraphQL enum.

    The members stay as they are: rules and resolvers use the same class.
    """
    strawberry.enum(kind, description=both(en, ar))
    for value in kind.__strawberry_definition__.values:  # type: ignore[attr-defined]
        value.description = both(*words[value.name])


described(
    Language,
    {"AR": ("Arabic.", "العربية."), "EN": ("English.", "الإنجليزية.")},
    "A language of the platform.",
    "لغة من لغات المنصة.",
)
First = Annotated[int, argument("How many items, 1 to 100.", "عدد العناصر، من 1 إلى 100.")]
"""The argument ``first`` of a connection: items, 1 to 100."""
After = Annotated[
    str | None,
    argument("Go on after this cursor.", "المتابعة بعد هذا المؤشر."),
]
"""The argument ``after`` of a connection: an opaque cursor, or None for the start."""
LanguageArgument = Annotated[
    Language | None,
    argument("The language; by default the request's.", "اللغة؛ والافتراضي لغة الطلب."),
]
"""The argument ``language`` of a field of words; None: the request's."""


def global_id(type_name: str, raw: str) -> strawberry.ID:
    """Return the opaque global id of the object ``raw`` of a GraphQL type."""
    packed = base64.urlsafe_b64encode(f"{type_name}:{raw}".encode()).decode()
    return strawberry.ID(packed.rstrip("="))


def split_id(value: str) -> tuple[str, str] | None:
    """Return (type name, raw id) of a global id, or None where it is not one.

    A raw id is a generated id or a code: at most 64 letters, digits, dots, hyphens, underscores.
    """
    padded = value[:_MAX_ID] + "=" * (-len(value) % 4)
    try:
        text = base64.b64decode(padded, altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
    found = _RAW_ID.fullmatch(text)
    return (found[1], found[2]) if found and global_id(found[1], found[2]) == value else None


def raw_id(value: str, type_name: str, *path: str) -> str:
    """Return the raw id behind a global id of ``type_name``.

    Raises:
        NotFound: it is not the id of such an object.
    """
    parts = split_id(value)
    if parts is None or parts[0] != type_name:
        raise NotFound(*path)
    return parts[1]


@strawberry.enum(description=both("Why something was refused.", "سبب الرفض."))
class ErrorCode(enum.Enum):
    """Placeholder: at boot its values become the codes that core and all plugins declare."""

    NOT_FOUND = "NOT_FOUND"


@strawberry.interface(description=both("An object with a global id.", "كائن له معرّف عام."))
class Node:
    """Anything that ``node(id)`` finds."""

    id: strawberry.ID = leaf("Opaque global id.", "معرّف عام مبهم.")


@strawberry.interface(description=both("Why a mutation changed nothing.", "سبب عدم تنفيذ العملية."))
class UserError:
    """A business refusal."""

    code: ErrorCode = leaf("A stable code for programs.", "رمز ثابت للبرامج.")
    message: str = leaf(
        "A sentence for people, in the request's language.", "جملة للناس بلغة الطلب."
    )
    path: list[str] | None = leaf(
        "Where in the input the cause stands.", "موضع السبب في المدخلات.", default=None, bound=10
    )


@strawberry.type(description=both("A business refusal.", "رفض لسبب يتعلق بالخدمة."))
class BusinessError(UserError):
    """The plain implementation of UserError."""

    @classmethod
    def of(cls, refusal: Refusal, language: Language) -> BusinessError:
        """Return ``refusal`` as a payload error in ``language``."""
        return cls(
            code=cast("ErrorCode", refusal.code),  # the enum is completed at boot
            message=refusal.message(language),
            path=list(refusal.path) or None,
        )


@strawberry.type(description=both("An amount of money.", "مبلغ من المال."))
class Money:
    """Money on the wire: dinars as a decimal string, and the currency."""

    amount: Decimal3 = leaf(
        'The amount with all decimals of the currency, e.g. "12.500".',
        'المبلغ بكل منازل العملة العشرية، مثل "12.500".',
    )
    currency: str = leaf("ISO 4217 code, e.g. BHD.", "رمز العملة وفق ISO 4217، مثل BHD.")

    @classmethod
    def of(cls, fils: int, currency: str = CURRENCY) -> Money:
        """Return ``fils`` as Money."""
        return cls(amount=format_fils(fils), currency=currency)  # type: ignore[arg-type]


@strawberry.type(description=both("Where a page stands in its list.", "موضع الصفحة في القائمة."))
class PageInfo:
    """As in the Relay specification."""

    has_next_page: bool = leaf("Whether more follow.", "هل يوجد المزيد بعدها.")
    has_previous_page: bool = leaf("Whether some stand before.", "هل يوجد ما قبلها.")
    start_cursor: str | None = leaf("Cursor of the first item.", "مؤشر أول عنصر.")
    end_cursor: str | None = leaf("Cursor of the last item.", "مؤشر آخر عنصر.")


@strawberry.type(description=both("An item and its cursor.", "عنصر ومؤشره."))
class Edge(Generic[T]):
    """An item of a connection."""

    node: T = leaf("The item.", "العنصر.")
    cursor: str = leaf("Where it stands; pass it as `after`.", "موضعه؛ يمرر في `after`.")


@strawberry.type(description=both("One page of a list.", "صفحة من قائمة."))
class Connection(Generic[T]):
    """A bounded page. Make it with :meth:`of`."""

    nodes: list[T] = leaf("The items.", "العناصر.")
    edges: list[Edge[T]] = leaf("The items with their cursors.", "العناصر مع مؤشراتها.")
    page_info: PageInfo = leaf("Where this page stands.", "موضع هذه الصفحة.")
    counted: strawberry.Private[Callable[[], Awaitable[int]] | int]

    @computed("How many items the whole list has.", "عدد عناصر القائمة كلها.")
    async def total_count(self) -> int:
        """Count the list, only when asked."""
        return self.counted if isinstance(self.counted, int) else await self.counted()

    @classmethod
    def of(cls, page: Page, make: Callable[[Mapping[str, Any]], T]) -> Any:
        """Return a connection over ``page``, its nodes made by ``make`` from each row."""
        nodes = [make(row) for row in page.rows]
        return cls.over(nodes, page.cursors, page)

    @classmethod
    def over(cls, nodes: Sequence[T], cursors: Sequence[str], page: Page) -> Any:
        """Return a connection over nodes that are made already, one for each row of ``page``."""
        return cls(
            nodes=list(nodes),
            edges=[Edge(node=node, cursor=at) for node, at in zip(nodes, cursors, strict=True)],
            page_info=PageInfo(
                has_next_page=page.has_next,
                has_previous_page=page.has_previous,
                start_cursor=cursors[0] if cursors else None,
                end_cursor=cursors[-1] if cursors else None,
            ),
            counted=page.total,
        )
