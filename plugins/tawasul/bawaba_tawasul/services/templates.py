"""Replies that an agency's team uses again and again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bawaba import audit, db, runtime
from bawaba.errors import NotFound
from bawaba.paging import Page, keyset_page
from bawaba.viewer import Viewer

from bawaba_tawasul.domain import MAX_SUBJECT
from bawaba_tawasul.models import TawasulTemplate
from bawaba_tawasul.rules.texts import text_within_bounds

Row = Mapping[str, Any]
COLUMNS = ("id", "agency", "title", "body_en", "body_ar", "used", "retired")


async def templates(viewer: Viewer, agency: str, first: int, after: str | None) -> Page:
    """Return a page of the agency's templates by title.

    Raises:
        Forbidden: the viewer does not stand at the agency's desk.
    """
    viewer.require("tawasul.desk", agency)
    query = TawasulTemplate.filter(agency=agency, retired=False)
    return await keyset_page(
        query, order=("title", "id"), first=first, after=after, columns=COLUMNS
    )


async def save(viewer: Viewer, agency: str, title: str, body_en: str, body_ar: str) -> Row:
    """Make a template, or change the one of this title.

    Raises:
        Forbidden: the viewer does not supervise the agency.
        BadText: see there.
    """
    viewer.require("tawasul.supervise", agency)
    name = text_within_bounds(title, "title", most=MAX_SUBJECT)
    en, ar = text_within_bounds(body_en, "bodyEn"), text_within_bounds(body_ar, "bodyAr")
    async with db.transaction():
        row = await db.locked(TawasulTemplate.filter(agency=agency, title=name)).first()
        if row is None:
            row = TawasulTemplate(id=runtime.new_id(), agency=agency, title=name, used=0)
        row.body_en, row.body_ar, row.retired = en, ar, False
        await row.save()
        await audit.record(viewer, "tawasul.template.saved", f"TawasulTemplate:{row.id}", {})
    return await _read(row.id)


async def retire(viewer: Viewer, template_id: str) -> Row:
    """Take a template out of use; replies made with it stay.

    Raises:
        NotFound: no such template of an agency that the viewer supervises.
    """
    async with db.transaction():
        row = await db.locked(TawasulTemplate.filter(id=template_id)).first()
        if row is None or not viewer.can("tawasul.supervise", row.agency):
            raise NotFound("templateId")
        row.retired = True
        await row.save(update_fields=["retired"])
        await audit.record(viewer, "tawasul.template.retired", f"TawasulTemplate:{row.id}", {})
    return await _read(row.id)


async def _read(template_id: str) -> Row:
    row: Row = await TawasulTemplate.get(id=template_id).values(*COLUMNS)
    return row
