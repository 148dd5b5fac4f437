"""The public page that verifies a document by its code, in Arabic and English. No scripts."""

from __future__ import annotations

from html import escape

from aiohttp import web
from bawaba.errors import LimitExceeded
from bawaba.graphql import Context
from bawaba.text import Language, Text
from bawaba.viewer import ANONYMOUS

from bawaba_civil_service.domain import CivilServiceDocumentKind
from bawaba_civil_service.services import verification
from bawaba_civil_service.services.verification import Verified

__all__ = ["PATH", "STYLE_PATH", "show", "style"]

PATH = "/civil-service/verify/{code}"
STYLE_PATH = "/civil-service/verify.css"
_STYLE = """
body { font: 1.1rem/1.6 system-ui, sans-serif; margin: 0; background: #f4f5f7; color: #1b1f24; }
main { max-width: 34rem; margin: 3rem auto; padding: 2rem; background: #fff; }
h1 { font-size: 1.3rem; } p.yes { color: #11632f; } p.no { color: #9b1c1c; }
dt { color: #57606a; } dd { margin: 0 0 .8rem; }
code { direction: ltr; unicode-bidi: isolate; overflow-wrap: anywhere; }
"""
_WORDS = {
    "title": Text("Civil Service Bureau: verification", "جهاز الخدمة المدنية: التحقق من المستندات"),
    "yes": Text("This document was issued and stands.", "صدر هذا المستند وهو ساري المفعول."),
    "no": Text(
        "No document with this code stands. Check how it is typed.",
        "لا يوجد مستند سارٍ بهذا الرمز. تأكد من صحة كتابته.",
    ),
    "many": Text("Too many tries. Wait a minute.", "محاولات كثيرة. انتظر دقيقة."),
    "code": Text("Code", "الرمز"),
    "kind": Text("Document", "المستند"),
    "compare": Text(
        "Compare each line with the document in your hand: where they differ, the document was "
        "altered. Of the personal number only the last digits are shown.",
        "قارن كل سطر بالمستند الذي بين يديك؛ فإن اختلفا فقد جرى تغيير المستند. "
        "ولا يظهر من الرقم الشخصي إلا آخر أرقامه.",
    ),
    "sha256": Text("SHA-256 of the file as it was issued", "البصمة الرقمية SHA-256 للملف كما صدر"),
    "switch": Text("العربية", "English"),
}
_KINDS = {
    CivilServiceDocumentKind.SALARY: Text("Salary certificate", "شهادة راتب"),
    CivilServiceDocumentKind.EXPERIENCE: Text("Experience certificate", "شهادة خبرة"),
    CivilServiceDocumentKind.PAYSLIP: Text("Payslip", "قسيمة راتب"),
}
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Vary": "Accept-Language",
}


async def show(request: web.Request) -> web.Response:
    """Answer GET of a code: 200 where a document stands, 404, or 429 after too many guesses."""
    code, language = request.match_info["code"], _language(request)
    guess = verification.subject_of(code)
    visitor = Context(ANONYMOUS, client=request.get("client", "-"))
    try:
        visitor.attempt(verification.ATTEMPT, guess, times=verification.TIMES)
    except LimitExceeded:
        return _page(language, code, 429, f'<p class="no">{_say("many", language)}</p>')
    found = await verification.verify(code)
    if found is None:
        return _page(language, code, 404, f'<p class="no">{_say("no", language)}</p>')
    return _page(language, code, 200, _facts(found, language))


async def style(request: web.Request) -> web.Response:
    """Answer GET of the style sheet."""
    del request
    headers = {"Cache-Control": "public, max-age=3600", "X-Content-Type-Options": "nosniff"}
    return web.Response(text=_STYLE, content_type="text/css", headers=headers)


def _language(request: web.Request) -> Language:
    """Return the language of ``?lang=``, or the first one that the browser names; else Arabic."""
    chosen = request.query.get("lang", "") or request.headers.get("Accept-Language", "")
    return Language.EN if chosen.strip().lower().startswith("en") else Language.AR


def _say(key: str, language: Language) -> str:
    return escape(_WORDS[key].in_(language))


def _facts(found: Verified, language: Language) -> str:
    shown = [
        (_WORDS["kind"], _KINDS[found.kind]),
        *((fact.label, fact.value) for fact in found.facts),
    ]
    rows = "".join(
        f"<dt>{escape(label.in_(language))}</dt><dd><bdi>{escape(value.in_(language))}</bdi></dd>"
        for label, value in shown
    )
    prints = "".join(f"<dd><code>{escape(digest)}</code></dd>" for digest in found.sha256)
    if prints:
        rows += f"<dt>{_say('sha256', language)}</dt>{prints}"
    said = f'<p class="yes">{_say("yes", language)}</p><p>{_say("compare", language)}</p>'
    return f"{said}<dl>{rows}</dl>"


def _page(language: Language, code: str, status: int, body: str) -> web.Response:
    arabic, title = language is Language.AR, _say("title", language)
    tag, other = ("ar", "en") if arabic else ("en", "ar")
    text = (
        f'<!doctype html><html lang="{tag}" dir="{"rtl" if arabic else "ltr"}"><head>'
        f'<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f'<title>{title}</title><link rel="stylesheet" href="{STYLE_PATH}"></head><body><main>'
        f"<h1>{title}</h1><p>{_say('code', language)}: <code>{escape(code[:64])}</code></p>"
        f'{body}<p><a href="?lang={other}" lang="{other}">{_say("switch", language)}</a></p>'
        "</main></body></html>"
    )
    headers = {**_HEADERS, "Content-Language": tag}
    return web.Response(text=text, status=status, content_type="text/html", headers=headers)
