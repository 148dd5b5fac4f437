"""The public page on which anybody who holds a receipt can see that it is genuine."""

from __future__ import annotations

import hmac

from aiohttp import web
from jinja2 import Environment, PackageLoader, select_autoescape

from bawaba import catalogue
from bawaba.host.payments.services import reading
from bawaba.money import CURRENCY, format_fils
from bawaba.runtime import current, local_day
from bawaba.text import Text

_PAGES = Environment(
    loader=PackageLoader("bawaba.host.payments"),
    autoescape=select_autoescape(default=True),
    trim_blocks=True,
)
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
_VALID = Text("Valid", "صالح")
_PART = Text("Valid; refunded in part", "صالح؛ استُرد جزء من المبلغ")
_REFUNDED = Text("Refunded in full", "استُرد المبلغ كاملاً")


def verification_url(number: str, code: str) -> str:
    """Return the address of a receipt's page."""
    return f"{current().public_url}/receipts/{number}?v={code}"


async def receipt_page(request: web.Request) -> web.Response:
    """Show service, amount, date and validity: ``GET /receipts/{number}?v=code``. No personal data.

    A wrong code and an unknown number look alike.
    """
    number, code = request.match_info["number"], request.query.get("v", "")
    current().attempts.take("receipt", number, request.get("client", "-"), times=30, per=60.0)
    found = await reading.receipt(number) if len(number) <= 32 else None  # noqa: PLR2004  the column
    if found is None or not hmac.compare_digest(
        found[0]["receipt_code"].encode(), code.encode("utf-8", "replace")
    ):
        page = _PAGES.get_template("receipt.html").render(receipt=None)
        return web.Response(text=page, status=404, content_type="text/html", headers=_HEADERS)
    payment, items = found
    services = await catalogue.services()
    fils = sum(item["fils"] for item in items)
    back = sum(item["refunded_fils"] for item in items)
    receipt = {
        "number": payment["receipt_number"],
        "paid_on": local_day(payment["paid_at"]).isoformat(),
        "total": format_fils(fils),
        "refunded": format_fils(back) if back else None,
        "currency": CURRENCY,
        "validity": _VALID if not back else _REFUNDED if back == fils else _PART,
        "valid": back < fils,
        "items": [
            {
                "service": services[item["service"]].name
                if item["service"] in services
                else Text("", ""),
                "amount": format_fils(item["fils"]),
            }
            for item in items
        ],
    }
    page = _PAGES.get_template("receipt.html").render(receipt=receipt)
    return web.Response(text=page, content_type="text/html", headers=_HEADERS)
