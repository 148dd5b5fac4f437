"""What core declares for correspondence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from bawaba.host.correspondence import endpoint
from bawaba.host.correspondence.desk import Correspondence, desk
from bawaba.host.correspondence.domain import KEY
from bawaba.host.correspondence.graphql import CorrespondenceQuery, load_letters
from bawaba.host.correspondence.services.reading import READ
from bawaba.host.correspondence.transport import AGENCY_PATH, PLATFORM_PATH
from bawaba.jobs import Job
from bawaba.plugin import HealthCheck, Machine, NodeType, Permission, Route, SchemaPart
from bawaba.runtime import current
from bawaba.text import Text


async def _check() -> None:
    await desk().check()


async def _catch_up(_payload: Mapping[str, Any]) -> None:
    port = current().correspondence
    if isinstance(port, Correspondence):  # a plugin's tests may bring letters of their own
        await port.catch_up()


PERMISSIONS = [
    Permission(
        READ,
        Text(
            "See which letters went between the platform and the agencies, not what they say.",
            "الاطلاع على الرسائل المتبادلة بين المنصة والجهات دون مضمونها.",
        ),
    )
]
MACHINES = [Machine(KEY, Text("A party's pair of keys.", "زوج مفاتيح لطرف مراسلة."))]
SCHEMA_PARTS = [SchemaPart(query=CorrespondenceQuery)]
NODES = [NodeType("Letter", load_letters)]
JOBS = [Job("core.letters_waiting", _catch_up, every=dt.timedelta(minutes=1))]
HEALTH_CHECKS = [HealthCheck("correspondence", _check)]
ROUTES = [
    Route("POST", PLATFORM_PATH, endpoint.to_platform),
    Route("GET", f"{PLATFORM_PATH}/keys", endpoint.platform_keys),
    Route("POST", AGENCY_PATH, endpoint.to_agency),
    Route("GET", f"{AGENCY_PATH}/keys", endpoint.agency_keys),
]
