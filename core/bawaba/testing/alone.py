"""One plugin alone behind core's door: its own tables and schema, and ports that remember.

For the tests of an agency's plugin that want neither a whole host nor other plugins::

    @dataclass(kw_only=True)
    class Portal(Alone): ...          # what tests of this plugin do

    async with opened(here, database_url, APPS):
        yield here
"""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from graphql import GraphQLError
from tortoise.utils import generate_schema_for_client

from bawaba import db
from bawaba.errors import Refusal, RequestError
from bawaba.graphql import Context
from bawaba.host import registry
from bawaba.host.clock import TimeOrderedIds
from bawaba.host.ports import Runtime
from bawaba.host.schema.compose import compose
from bawaba.host.storage.database import Database, ModelApp
from bawaba.host.storage.migrate import migrate
from bawaba.idempotency import IdempotencyInProgress, IdempotencyKeyReused
from bawaba.plugin import DemoPerson, Manifest, SchemaPart, hookimpl
from bawaba.runtime import bound
from bawaba.text import Language, Text
from bawaba.viewer import EVERYWHERE, Viewer

__all__ = ["Alone", "opened", "schema_of"]


class _Core:
    """Stands for core where only the plugin's own schema is wanted."""

    __name__ = "core_alone"

    def __init__(self, parts: Sequence[SchemaPart]) -> None:
        self.parts = parts

    @hookimpl
    def declare_manifest(self) -> Manifest:
        return Manifest("bawaba", "core", Text("Core", "النواة"), "0")

    @hookimpl
    def declare_errors(self) -> tuple[type[Refusal], ...]:
        return (IdempotencyKeyReused, IdempotencyInProgress)

    @hookimpl
    def declare_schema(self) -> Sequence[SchemaPart]:
        return self.parts


def schema_of(name: str, plugin: Any, *parts: SchemaPart) -> Any:
    """Return the schema of one plugin; ``parts`` stand for what it needs of core's roots."""
    return compose(registry.load({"bawaba": _Core(parts), name: plugin}))


@dataclass(kw_only=True)
class Alone:
    """Time, people and ports, for the tests of one plugin; it is itself most of the ports.

    Args:
        plugin: its module; ``people``: of its demo. ``settings``: its settings object.
        at: the present instant, moved by hand.

    Attributes:
        jobs: (name, payload, key) of what was enqueued; ``delays``: after how long, beside it.
        events: (topic, kind); ``trail``: (action, resource) of what was audited.
        refunds: bills that were given back; ``holidays``: what was announced, as core's calendar
            takes it.
    """

    plugin: Any
    people: Sequence[DemoPerson]
    schema: Any
    settings: Any
    at: dt.datetime
    jobs: list[tuple[str, dict[str, Any], str | None]] = field(default_factory=list)
    delays: list[dt.timedelta] = field(default_factory=list)
    events: list[tuple[str, str]] = field(default_factory=list)
    trail: list[tuple[str, str]] = field(default_factory=list)
    refunds: list[str] = field(default_factory=list)
    holidays: dict[dt.date, bool] = field(default_factory=dict)

    def now(self) -> dt.datetime:
        """Return the present instant."""
        return self.at

    def plugin_settings(self, kind: type) -> Any:
        """Return the plugin's settings."""
        return {type(self.settings): self.settings}[kind]

    async def enqueue(
        self, name: str, payload: Mapping[str, Any], *, key: str | None, delay: dt.timedelta
    ) -> None:
        """Remember a job; one whose key is known is passed over."""
        db.require_transaction()
        if key is None or (name, key) not in [(n, k) for n, _, k in self.jobs]:
            self.jobs.append((name, dict(payload), key))
            self.delays.append(delay)

    async def emit(self, topic: str, kind: str, data: Mapping[str, Any]) -> int:
        """Remember an event."""
        del data
        db.require_transaction()
        self.events.append((topic, kind))
        return len(self.events)

    async def record(
        self, viewer: Viewer | None, action: str, resource: str, detail: Mapping[str, Any]
    ) -> None:
        """Remember what is audited."""
        del viewer, detail
        db.require_transaction()
        self.trail.append((action, resource))

    async def refund_bill(self, service: str, bill_id: str, reason: Text) -> str | None:
        """Remember that a bill is given back."""
        del service, reason
        db.require_transaction()
        self.refunds.append(bill_id)
        return f"refund-{len(self.refunds)}"

    async def announced(self, first: dt.date, last: dt.date) -> Mapping[dt.date, bool]:
        """Return the announcements between two days."""
        return {day: is_off for day, is_off in self.holidays.items() if first <= day <= last}

    async def services(self) -> Mapping[str, Any]:
        """Return the plugin's services."""
        return {entry.code: entry for entry in self.plugin.declare_services()}

    async def agencies(self) -> Mapping[str, Any]:
        """Return the plugin's agencies."""
        return {entry.code: entry for entry in self.plugin.declare_agencies()}

    def person(self, handle: str, language: Language = Language.EN) -> Viewer:
        """Return a person of the demo, with the rights that the plugin's roles give."""
        who = next(person for person in self.people if person.handle == handle)
        held = {grant.role: grant.scope for grant in who.grants}
        roles = [r for r in self.plugin.declare_roles() if r.everyone or r.name in held]
        grants = {
            permission: frozenset({held.get(role.name, EVERYWHERE)})
            for role in roles
            for permission in role.permissions
        }
        return Viewer(
            person_id=handle, national_id=who.national_id, grants=grants, language=language
        )

    async def raw(
        self, document: str, variables: Mapping[str, Any] | None, viewer: Viewer
    ) -> tuple[Any, list[str]]:
        """Run an operation; return its data and its errors' codes. Other faults are raised."""
        answer = await self.schema.execute(document, dict(variables or {}), Context(viewer))
        faults = [e.original_error for e in answer.errors or [] if e.original_error is not None]
        for fault in faults:
            if not isinstance(fault, (RequestError, GraphQLError)):
                raise fault
        codes = [getattr(e.original_error, "code", "INVALID") for e in answer.errors or []]
        return answer.data, codes


@asynccontextmanager
async def opened(
    here: Any, url: str, apps: Sequence[ModelApp], **ports: Any
) -> AsyncGenerator[None]:
    """Bind ``here`` (an :class:`Alone`) and a fresh database with the tables of ``apps``.

    ``ports``: those of the runtime that ``here`` is not itself, e.g. ``correspondence``.
    """
    await migrate(url, apps)
    database = Database(url, apps, pool_size=5)
    none: Any = SimpleNamespace(new=TimeOrderedIds().new)
    given = {"files": here, "payments": here, "correspondence": here} | ports
    await database.open()
    runtime = Runtime(
        clock=here,
        ids=none,
        timezone="Asia/Bahrain",
        public_url="http://localhost",
        data_dir="",
        demo=True,
        ledger=none,
        live=here,
        jobs=here,
        audit=here,
        catalogue=here,
        announced=here.announced,
        registry=none,
        health=none,
        **given,
    )
    runtime.plugin_settings = here.plugin_settings  # type: ignore[method-assign]
    try:
        with database.bound():
            await generate_schema_for_client(database.client, safe=True)
        with ExitStack() as stack:
            stack.enter_context(database.bound())
            stack.enter_context(bound(runtime))
            yield
    finally:
        await database.close()
