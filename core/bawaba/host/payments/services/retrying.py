"""What an operator does about a message that was put aside with an alarm."""

from __future__ import annotations

from bawaba import audit
from bawaba.db import after_commit, locked, transaction
from bawaba.graphql import NotFound
from bawaba.host.payments.desk import desk
from bawaba.host.payments.domain import MESSAGE, MessageStatus, MessageTrigger
from bawaba.host.payments.models import GatewayMessage
from bawaba.host.payments.refusals import GatewayMessageNotInAlarm
from bawaba.runtime import now
from bawaba.viewer import Viewer


async def retry_message(viewer: Viewer, message_id: str) -> None:
    """Have a message settled again, once its cause is mended. Money that it moved stays moved.

    Raises:
        NotFound: there is none.
        GatewayMessageNotInAlarm: it waits, or was applied.
    """
    viewer.require("payments.refund")
    wake = desk().wake
    async with transaction():
        message = await locked(GatewayMessage.filter(id=message_id)).get_or_none()
        if message is None:
            raise NotFound("messageId")
        status = MessageStatus(message.status)
        if not MESSAGE.allows(status, MessageTrigger.RETRY):
            raise GatewayMessageNotInAlarm("messageId")
        message.status = MESSAGE.next(status, MessageTrigger.RETRY).value
        message.attempts, message.due_at = 0, now()
        await message.save(update_fields=["status", "attempts", "due_at"])
        await audit.record(viewer, "payments.message.retried", f"GatewayMessage:{message_id}")
        after_commit(wake)
