"""All rows of core, as one app with one sequence of migrations."""

from __future__ import annotations

from bawaba.host.audit.models import AuditEntry, AuditHead
from bawaba.host.catalogue.models import HistoricAgency, HistoricService
from bawaba.host.correspondence.models import LetterEntry, LetterHead, LetterKey, LetterWaiting
from bawaba.host.files.models import FileObject, FileRow, FileTicket
from bawaba.host.idempotency.models import IdempotencyKey
from bawaba.host.identity.models import Device, Person, RoleGrant
from bawaba.host.jobs.models import JobRow
from bawaba.host.live.models import OutboxEvent, Topic
from bawaba.host.notifications.models import DeliveryRow, NoticeRow
from bawaba.host.payments.models import (
    BillBalance,
    BillClaim,
    Dispute,
    GatewayMessage,
    Payment,
    PaymentItem,
    Refund,
    RefundLine,
)

__models__ = [
    AuditEntry,
    AuditHead,
    BillBalance,
    BillClaim,
    DeliveryRow,
    Device,
    Dispute,
    FileObject,
    FileRow,
    FileTicket,
    GatewayMessage,
    HistoricAgency,
    HistoricService,
    IdempotencyKey,
    JobRow,
    LetterEntry,
    LetterHead,
    LetterKey,
    LetterWaiting,
    NoticeRow,
    OutboxEvent,
    Payment,
    PaymentItem,
    Person,
    Refund,
    RefundLine,
    RoleGrant,
    Topic,
]
