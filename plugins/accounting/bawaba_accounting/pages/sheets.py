"""The statistics as comma-separated values: ``GET /transparency/statistics.csv``."""

from __future__ import annotations

import asyncio

from aiohttp import web
from bawaba.errors import BadInput, LimitExceeded, RequestError

from bawaba_accounting.domain import ResultTooLarge
from bawaba_accounting.pages.answers import BODILESS, answer, body_of
from bawaba_accounting.rules.asking import asked
from bawaba_accounting.services import sheets

__all__ = ["Sheets"]

AT_ONCE, WAITING = 4, 64


class Sheets:
    """Answers with a sheet; a few are made side by side, some wait, and more are refused."""

    def __init__(self) -> None:
        self._places = asyncio.Semaphore(AT_ONCE)
        self._inside = 0

    async def get(self, request: web.Request) -> web.Response:
        """Answer with the sheet; 400 for what is not understood, 422 for what is too large.

        Raises:
            LimitExceeded: too many wait already.
        """
        if self._inside >= AT_ONCE + WAITING:
            raise LimitExceeded
        self._inside += 1
        try:
            async with self._places:
                wanted = asked(list(request.query.items()))
                body = body_of(await sheets.written(wanted))
        except ResultTooLarge as error:
            return _refused(422, error)
        except BadInput as error:
            return _refused(400, error)
        finally:
            self._inside -= 1
        headers = {
            "Content-Disposition": 'attachment; filename="bawaba-statistics.csv"',
            "Content-Language": wanted.language.value.lower() if wanted.language else "zxx",
        }
        return answer(request, body, "text/csv", headers)


def _refused(status: int, error: RequestError) -> web.Response:
    """Return a plain sentence in both languages."""
    return web.Response(
        status=status,
        text=f"{error.detail.en}\n{error.detail.ar}\n",
        content_type="text/plain",
        charset="utf-8",
        headers={"Content-Security-Policy": BODILESS, "Cache-Control": "no-store"},
    )
