"""The checkout page: what a payer sees and presses. No cookies, scripts or foreign files."""

from __future__ import annotations

from importlib import resources

import jinja2
from aiohttp import web
from bawaba.graphql import global_id
from bawaba.money import CURRENCY, format_fils
from bawaba.text import Language, Text

from bawaba_gateway_sandbox import rules, services
from bawaba_gateway_sandbox.domain import OUTCOME_OF, CheckoutState, CheckoutUnknown, Outcome
from bawaba_gateway_sandbox.models import SandboxCheckout

__all__ = ["PATH", "STYLE_PATH", "choose", "show", "style"]

PATH = "/sandbox/checkout/{token}"
STYLE_PATH = "/sandbox/style.css"
_FILES = resources.files("bawaba_gateway_sandbox") / "templates"
_STYLE = (_FILES / "checkout.css").read_text(encoding="utf-8")
_TEMPLATE = jinja2.Environment(
    autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
).from_string((_FILES / "checkout.html").read_text(encoding="utf-8"))
_POLICY = (
    "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "form-action 'self'"
)

_WORDS = {
    "title": Text("Sandbox checkout", "صفحة دفع تجريبية"),
    "warning": Text("Sandbox: no real money", "بيئة تجريبية: لا أموال حقيقية"),
    "warning_more": Text(
        "Nothing is charged here. Choose how the payment should end.",
        "لن يُخصم أي مبلغ هنا. اختر كيف تنتهي عملية الدفع.",
    ),
    "amount": Text("Amount", "المبلغ"),
    "reference": Text("Reference", "المرجع"),
    "description": Text("For", "البيان"),
    "approve": Text("Approve", "قبول الدفع"),
    "decline": Text("Decline", "رفض الدفع"),
    "abandon": Text("Abandon", "ترك الدفع"),
    "back": Text("Return to the service", "العودة إلى الخدمة"),
    "switch": Text("العربية", "English"),
}
_STATES = {
    CheckoutState.OPEN: Text("This payment is waiting for you.", "هذه العملية بانتظار اختيارك."),
    CheckoutState.APPROVED: Text("The payment was approved.", "تم قبول الدفع."),
    CheckoutState.DECLINED: Text("The payment was declined.", "رُفض الدفع."),
    CheckoutState.ABANDONED: Text("The payment was abandoned.", "تُركت عملية الدفع دون إتمام."),
    CheckoutState.CANCELLED: Text(
        "The service cancelled this payment.", "ألغت الخدمة هذه العملية."
    ),
    CheckoutState.EXPIRED: Text(
        "The time to pay has passed. Start the payment again from the service.",
        "انتهت مهلة الدفع. ابدأ الدفع من جديد من الخدمة.",
    ),
}
_CONFLICT = Text(
    "This choice came too late: the payment has ended otherwise.",
    "جاء هذا الاختيار متأخراً: فقد انتهت العملية بنتيجة أخرى.",
)
_UNKNOWN = Text("There is no such payment here.", "لا توجد عملية دفع بهذا العنوان.")
_BAD_OUTCOME = Text(
    "Send the field “outcome” as approve, decline or abandon.",
    "أرسل الحقل «outcome» بإحدى القيم: approve أو decline أو abandon.",
)


async def show(request: web.Request) -> web.Response:
    """Answer GET of a checkout: its page, or 404."""
    try:
        checkout = await services.present(request.match_info["token"])
    except CheckoutUnknown:
        return _page(request, None, 404, _UNKNOWN)
    return _page(request, checkout, 200)


async def choose(request: web.Request) -> web.Response:
    """Answer POST of ``outcome``: 303 to the service, a page, 400, 404 or 409.

    The secret address is all the authority there is: no cookie is read, so none can be abused.
    """
    token = request.match_info["token"]
    try:
        checkout = await services.present(token)
        outcome = await _outcome(request)
        if outcome is None:
            return _page(request, checkout, 400, _BAD_OUTCOME)
        decision = await services.decide(token, outcome)
    except CheckoutUnknown:
        return _page(request, None, 404, _UNKNOWN)
    if not decision.accepted:
        return _page(request, decision.checkout, 409, _CONFLICT)
    back = _back(decision.checkout)
    if back is None:
        return _page(request, decision.checkout, 200)
    return web.Response(status=303, headers={"Location": back} | _headers(decision.checkout))


async def style(request: web.Request) -> web.Response:
    """Answer GET of the style sheet."""
    del request
    return web.Response(
        text=_STYLE,
        content_type="text/css",
        headers={"Cache-Control": "public, max-age=3600", "X-Content-Type-Options": "nosniff"},
    )


async def _outcome(request: web.Request) -> Outcome | None:
    """Return the choice in a form of either encoding; None where there is none, or several."""
    try:
        values = (await request.post()).getall("outcome", [])
    except (ValueError, LookupError):  # a broken form, or in an unknown character set
        return None
    known = {outcome.value: outcome for outcome in Outcome}
    return known.get(values[0]) if len(values) == 1 and isinstance(values[0], str) else None


def _back(checkout: SandboxCheckout) -> str | None:
    """Return where the payer goes from here; None where there is nowhere to go."""
    outcome = OUTCOME_OF.get(CheckoutState(checkout.state))
    if outcome is None:
        return checkout.return_url if rules.origin_of(checkout.return_url) else None
    payment = global_id("Payment", checkout.payment_id)
    return rules.return_address(checkout.return_url, payment, outcome.value)


def _headers(checkout: SandboxCheckout | None) -> dict[str, str]:
    # Browsers apply form-action to the redirect after a POST as well, so it names the service.
    origin = rules.origin_of(checkout.return_url) if checkout else None
    return {
        "Content-Security-Policy": f"{_POLICY} {origin}" if origin else _POLICY,
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Vary": "Accept-Language",
    }


def _page(
    request: web.Request, checkout: SandboxCheckout | None, status: int, notice: Text | None = None
) -> web.Response:
    accepted = request.headers.get("Accept-Language", "")
    language = rules.language_of(request.query.get("lang"), accepted)
    state = CheckoutState(checkout.state) if checkout else None
    text = _TEMPLATE.render(
        language=language.value.lower(),
        other="en" if language is Language.AR else "ar",
        words={name: words.in_(language) for name, words in _WORDS.items()},
        notice=notice.in_(language) if notice else None,
        state=_STATES[state].in_(language) if state else None,
        checkout=checkout,
        amount=f"{format_fils(checkout.fils)} {CURRENCY}" if checkout else None,
        description=_described(checkout, language),
        outcomes=[outcome.value for outcome in Outcome] if state is CheckoutState.OPEN else [],
        back=_back(checkout) if checkout and state is not CheckoutState.OPEN else None,
    )
    headers = _headers(checkout) | {"Content-Language": language.value.lower()}
    return web.Response(text=text, status=status, content_type="text/html", headers=headers)


def _described(checkout: SandboxCheckout | None, language: Language) -> str | None:
    if checkout is None:
        return None
    return Text(checkout.description_en, checkout.description_ar).in_(language)
