"""Duplicates: cases that say the same follow one of them, and can be split off again."""

from __future__ import annotations

from bawaba import db
from bawaba.errors import NotFound
from bawaba.viewer import Viewer

from bawaba_tawasul.domain import MAX_FAMILY, TawasulAction, TawasulStep
from bawaba_tawasul.models import TawasulCase
from bawaba_tawasul.refusals import NotADuplicate
from bawaba_tawasul.services import steps

A, T = TawasulAction, TawasulStep


async def link(viewer: Viewer, reference: str, of: str) -> None:
    """Make the case a duplicate of another open one of its agency; its own clock runs on.

    Raises:
        NotFound, Forbidden, WrongStatus, IsDuplicate: see ``steps.begin``.
        NotADuplicate: see there.
    """
    code, head_code = reference.strip().upper(), of.strip().upper()
    async with db.transaction():
        both = TawasulCase.filter(reference__in=[code, head_code]).order_by("id")
        found = {case.reference: case for case in await db.locked(both)}
        work = await steps.begin(viewer, code, A.LINK_DUPLICATE)
        head = found.get(head_code)
        if head is None or not viewer.can("tawasul.desk", head.agency):
            raise NotFound("of")
        await _check(work.case, head)
        work.case.duplicate_of_id = head.id
        await steps.finish(work, T.LINKED, moves=False, note=head.reference)


async def _check(case: TawasulCase, head: TawasulCase) -> None:
    members = await TawasulCase.filter(duplicate_of_id=head.id).count()
    possible = (
        head.id != case.id
        and head.agency == case.agency
        and head.stopped_at is None
        and head.duplicate_of_id is None
        and members < MAX_FAMILY
        and not await TawasulCase.filter(duplicate_of_id=case.id).exists()
    )
    if not possible:
        raise NotADuplicate("of")


async def split(viewer: Viewer, reference: str) -> None:
    """Let the case go its own way again, with the clock that was its own all the time.

    Raises:
        NotFound, Forbidden, WrongStatus: see ``steps.begin``.
    """
    async with db.transaction():
        work = await steps.begin(viewer, reference, A.SPLIT_DUPLICATE)
        work.case.duplicate_of_id = None
        await steps.finish(work, T.SPLIT, moves=False)


async def release(work: steps.Work) -> None:
    """Split off every duplicate of a case that leaves: it goes elsewhere, or is withdrawn."""
    query = TawasulCase.filter(duplicate_of_id=work.case.id).order_by("id")
    for case in await db.locked(query.limit(MAX_FAMILY)):
        if case.stopped_at is None:
            member = await steps.begin_member(work, case)
            case.duplicate_of_id = None
            await steps.finish(member, T.SPLIT, moves=False)
