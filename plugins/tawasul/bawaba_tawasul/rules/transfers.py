"""Where a case goes: offers, declines, the arbiter."""

from __future__ import annotations

from bawaba_tawasul.domain import MAX_DECLINES, MAX_TRANSFERS, TawasulStep
from bawaba_tawasul.refusals import SameAgency, TransferSettled


def on_offer(*, from_agency: str, to_agency: str, transfers: int, settled: bool) -> TawasulStep:
    """Return the step that an offer makes: to the other agency, or straight to the arbiter.

    Raises:
        SameAgency: it is there already.
        TransferSettled: an arbiter has decided.
    """
    if from_agency == to_agency:
        raise SameAgency("agency")
    if settled:
        raise TransferSettled("reference")
    return (
        TawasulStep.SENT_TO_ARBITER if transfers >= MAX_TRANSFERS else TawasulStep.TRANSFER_OFFERED
    )


def on_decline(declines: int) -> TawasulStep:
    """Return the step of a decline, the ``declines`` before it counted: back, or to the arbiter."""
    return (
        TawasulStep.SENT_TO_ARBITER
        if declines + 1 >= MAX_DECLINES
        else TawasulStep.TRANSFER_DECLINED
    )
