"""A meeting that has ended, for other programs."""

from __future__ import annotations

from typing import Any

from bawaba import runtime
from bawaba.viewer import Viewer

from bawaba_emeeting.rules import exports
from bawaba_emeeting.services import councils, minutes, sittings

_FORMATS = {"POPOLO": exports.popolo, "OPARL": exports.oparl}


async def export(viewer: Viewer, meeting_id: str, form: str) -> dict[str, Any] | None:
    """Return the record of a meeting in a vocabulary: POPOLO or OPARL.

    None: there is none that the viewer may see. The council sees drafts, everybody what is
    approved of open meetings.
    """
    pairs = await sittings.seen(viewer, [meeting_id])
    row = (await minutes.of_meetings([meeting_id])).get(meeting_id)
    if not pairs or row is None:
        return None
    if row["approved_at"] is None and not councils.attends(viewer, pairs[0][1]):
        return None
    return _FORMATS[form](row["record"], runtime.current().public_url)
