"""What core declares for notifications."""

from __future__ import annotations

import datetime as dt

from bawaba.host.notifications.domain import DELIVERY
from bawaba.host.notifications.messengers import messengers_of
from bawaba.host.notifications.sending import Sender, forget
from bawaba.host.settings import Settings
from bawaba.jobs import Job
from bawaba.plugin import Machine
from bawaba.text import Text

MACHINES = [Machine(DELIVERY, Text("The sending of a notice.", "إرسال إشعار."))]
JOBS = [Job("notifications.forget", forget, every=dt.timedelta(hours=1))]


def jobs(settings: Settings) -> list[Job]:
    """Return the job that sends, by the messengers that the settings name."""
    return Sender(messengers_of(settings)).jobs()
