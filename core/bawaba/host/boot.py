"""Boot: plugins and settings in, a host that can be opened, run and asked out."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Any

import orjson
import structlog
from aiohttp import web
from prometheus_client import CollectorRegistry

from bawaba import ledger
from bawaba.host import clock, core_plugin, registry
from bawaba.host.audit import AuditTrail
from bawaba.host.catalogue import Catalogue
from bawaba.host.health import Health
from bawaba.host.identity import DemoIssuer, Identity, issue_demo_token, key_source, load_people
from bawaba.host.jobs import JobQueue, Worker
from bawaba.host.live import Live, broker_for
from bawaba.host.payments import Payments, Settler, clearing_accounts
from bawaba.host.ports import Runtime
from bawaba.host.registry import Registry
from bawaba.host.schema.compose import compose
from bawaba.host.schema.engine import Engine
from bawaba.host.server import websocket
from bawaba.host.server.app import build_app
from bawaba.host.server.sessions import Sessions
from bawaba.host.settings import Settings
from bawaba.host.storage.database import Database, ModelApp
from bawaba.host.storage.migrate import migrate
from bawaba.plugin import Progress, Route
from bawaba.runtime import Clock, Ids, bound, correlated

log = structlog.get_logger(__name__)
DEMO_MARK = "demo-issuer.json"
CORE_APP = ModelApp("core", "bawaba.host.models", "bawaba.host.migrations")
