"""The payment port that the runtime carries."""

from __future__ import annotations

from collections.abc import Sequence

from bawaba.host.payments.desk import Desk
from bawaba.host.payments.services import movements, refunding
from bawaba.settlement import Movement
from bawaba.text import Text


class Payments(Desk):
    """The desk, and what plugins may ask of it (``bawaba.payments``)."""

    async def is_settled(self, service: str, bill_id: str) -> bool:
        """Return whether the bill stands paid in the platform's own books."""
        return await refunding.is_settled(service, bill_id)

    async def refund_bill(self, service: str, bill_id: str, reason: Text) -> str | None:
        """Give back what is left paid of a bill, in the current transaction."""
        return await refunding.refund_bill(service, bill_id, reason)

    async def movements(
        self, gateway: str, references: Sequence[str], payment_ids: Sequence[str]
    ) -> Sequence[Movement]:
        """Return what payments say that a gateway moved."""
        return await movements.movements(gateway, references, payment_ids)
