"""Messages of gateways that need a person's eye."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any

import strawberry

from bawaba.graphql import (
    After,
    Connection,
    First,
    Info,
    Money,
    Node,
    UserError,
    argument,
    computed,
    field,
    global_id,
    leaf,
    raw_id,
)
from bawaba.host.payments.graphql.types import Payment
from bawaba.host.payments.graphql.words import ERRORS
from bawaba.host.payments.services import reading, retrying
from bawaba.text import both

Row = Mapping[str, Any]


@strawberry.type(description=both("What a gateway reported.", "ما أبلغت به بوابة الدفع."))
class GatewayMessage(Node):
    """A message of a gateway."""

    gateway: str = leaf("Which gateway.", "البوابة.")
    event_id: str = leaf("The gateway's own id of the event.", "معرّف الحدث لدى البوابة.")
    event: str = leaf("What it reports, e.g. CAPTURED.", "مضمون البلاغ، مثل CAPTURED.")
    amount: Money = leaf("The amount it names.", "المبلغ المذكور فيه.")
    in_alarm: bool = leaf("Whether it was put aside.", "هل نُحّيت جانباً.")
    note: str | None = leaf("Why it was put aside.", "سبب تنحيتها.")
    received_at: dt.datetime = leaf("When it came.", "وقت الوصول.")
    row: strawberry.Private[Row]

    @computed("The payment it is about, where there is one.", "عملية الدفع المعنية، إن وجدت.")
    async def payment(self, info: Info) -> Payment | None:
        """Load the payment."""
        found = await reading.seen_payments(info.context.viewer, [self.row["payment_id"]])
        return Payment.of(found[self.row["payment_id"]]) if found else None

    @classmethod
    def of(cls, row: Row) -> GatewayMessage:
        """Return the object of a row."""
        return cls(
            id=global_id("GatewayMessage", row["id"]),
            gateway=row["gateway"],
            event_id=row["event_id"],
            event=row["kind"],
            amount=Money.of(row["fils"]),
            in_alarm=row["status"] == "ALARM",
            note=row["note"],
            received_at=row["received_at"],
            row=row,
        )


@strawberry.input(description=both("A message to be settled again.", "رسالة لإعادة معالجتها."))
class RetryGatewayMessageInput:
    """Input of retryGatewayMessage."""

    message_id: strawberry.ID = leaf("The message's id.", "معرّف الرسالة.")


@strawberry.type(description=both("Result of retryGatewayMessage.", "نتيجة retryGatewayMessage."))
class RetryGatewayMessagePayload:
    """The message, or why it stays as it is."""

    message: GatewayMessage | None = leaf("The message.", "الرسالة.", default=None)
    errors: list[UserError] = leaf(*ERRORS)


@strawberry.type
class AlarmQuery:
    """Root queries of alarms."""

    @field(
        permission="payments.read",
        en="Gateways' messages that were put aside with an alarm, newest first.",
        ar="رسائل بوابات الدفع التي نُحّيت جانباً مع إنذار، الأحدث أولاً.",
    )
    async def gateway_alarms(self, first: First, after: After = None) -> Connection[GatewayMessage]:
        """List messages in alarm."""
        page = await reading.messages_in_alarm(first, after)
        connection: Connection[GatewayMessage] = Connection[GatewayMessage].of(
            page, GatewayMessage.of
        )
        return connection


RetryGatewayMessageArgument = Annotated[
    RetryGatewayMessageInput, argument("The message.", "الرسالة.")
]


@strawberry.type
class AlarmMutation:
    """Root mutations of alarms."""

    @field(
        permission="payments.refund",
        en="Settle a message in alarm again, once its cause is mended.",
        ar="إعادة معالجة رسالة في حالة إنذار بعد إصلاح السبب.",
    )
    async def retry_gateway_message(
        self,
        info: Info,
        input: RetryGatewayMessageArgument,
    ) -> RetryGatewayMessagePayload:
        """Retry a message."""
        viewer = info.context.viewer
        message_id = raw_id(input.message_id, "GatewayMessage", "messageId")
        await retrying.retry_message(viewer, message_id)
        row = (await reading.seen_messages(viewer, [message_id]))[message_id]
        return RetryGatewayMessagePayload(message=GatewayMessage.of(row), errors=[])
