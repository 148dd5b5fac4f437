"""A case that goes to another agency is told to that agency's own system, by letter.

The letter carries what the citizen wrote, and never who the citizen is, nor any internal note.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bawaba import correspondence, jobs
from bawaba.correspondence import Correspondent, Letter

from bawaba_tawasul.models import TawasulCase, TawasulHistory
from bawaba_tawasul.services.offer import AGENCIES, OWNER

TELL = "tawasul.tell_agency"
"""Name of the job that sends the letter."""
TRANSFERRED = "tawasul.transferred"


async def tell_later(case: TawasulCase, line: TawasulHistory, came_from: str) -> None:
    """Have the case's new agency told, after the commit; called in the step's transaction.

    What may change later is written down now: a repeated letter must say the same.
    """
    if case.agency not in _DESKS:
        return
    facts = {
        "agency": case.agency,
        "fromAgency": came_from,
        "kind": case.kind,
        "category": case.category,
        "transferredAt": line.at.isoformat(),
        "dueAt": case.due_at.isoformat(),
    }
    await jobs.enqueue(TELL, {"case": case.id, "step": line.id, "facts": facts}, key=line.id)


async def tell(payload: Mapping[str, Any]) -> None:
    """Send the letter (a job).

    Raises:
        AgencyUnavailable: the job is tried again.
    """
    case = await TawasulCase.get(id=payload["case"]).values(
        "reference", "subject", "body", "address", "submitted_at"
    )
    body = {
        **payload["facts"],
        "reference": case["reference"],
        "subject": case["subject"],
        "body": case["body"],
        "address": case["address"],
        "submittedAt": case["submitted_at"].isoformat(),
    }
    key = f"transferred:{payload['step']}"
    await correspondence.send(payload["facts"]["agency"], TRANSFERRED, body, key)


async def _acknowledged(letter: Letter) -> Mapping[str, Any]:
    """Stand in for the agency's system: acknowledge the case under its reference."""
    return {"reference": letter.body["reference"], "acknowledged": True}


CORRESPONDENTS = tuple(
    Correspondent(agency.code, simulated={TRANSFERRED: _acknowledged})
    for agency in AGENCIES
    if agency.code != OWNER
)
_DESKS = frozenset(entry.agency for entry in CORRESPONDENTS)
