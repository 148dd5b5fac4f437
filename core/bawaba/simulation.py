"""A simulated agency's moods: slow, out, late. Set from a command line, for all processes.

Until an operator names an agency's own system, the plugin's simulator stands in for it, and can be
made to misbehave as a real one would.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

import typer

from bawaba import db
from bawaba.errors import AgencyUnavailable
from bawaba.plugin import Command

__all__ = ["Mode", "Simulation"]


@dataclass(frozen=True, slots=True)
class Mode:
    """How a simulated agency behaves.

    Args:
        latency_ms: how long each answer takes.
        outage: it refuses at once.
        late: what it is told takes effect and the answer is lost, what it tells is old; as far as
            the simulator follows it.
    """

    latency_ms: int = 0
    outage: bool = False
    late: bool = False


@dataclass(frozen=True, slots=True)
class Simulation:
    """A simulated agency, whose mood is a row of the plugin's own table.

    Args:
        name: how it is called in faults: "the simulated post".
        table: with the columns ``id``, ``latency_ms``, ``outage``, and ``late`` where it can be.
        can_be_late: whether it follows :attr:`Mode.late`.
    """

    name: str
    table: str
    can_be_late: bool = False

    async def mode(self) -> Mode:
        """Return how it behaves just now."""
        rows = await db.fetch(f"SELECT {self._columns} FROM {self.table} WHERE id = 'mode'")  # noqa: S608
        if not rows:
            return Mode()
        row = rows[0]
        late = self.can_be_late and bool(row["late"])
        return Mode(int(row["latency_ms"]), bool(row["outage"]), late)

    async def set_mode(self, wanted: Mode) -> None:
        """Make it behave as ``wanted``, from its next answer on, in every process.

        Raises:
            ValueError: a negative latency, or lateness where it cannot be late.
        """
        if wanted.latency_ms < 0 or (wanted.late and not self.can_be_late):
            raise ValueError(f"{self.name} cannot behave so: {wanted}")
        given = (wanted.latency_ms, wanted.outage, wanted.late)[: 3 if self.can_be_late else 2]
        places = ", ".join(f"${n}" for n in range(1, len(given) + 1))
        columns = [name.strip() for name in self._columns.split(",")]
        await db.execute(
            f"INSERT INTO {self.table} (id, {self._columns}) VALUES ('mode', {places}) "  # noqa: S608
            "ON CONFLICT (id) DO UPDATE SET "
            + ", ".join(f"{name} = excluded.{name}" for name in columns),
            *given,
        )

    async def reached(self) -> bool:
        """Take the time that an answer takes; return whether it will be late.

        Raises:
            AgencyUnavailable: it is out.
        """
        now = await self.mode()
        if now.outage:
            raise AgencyUnavailable(f"{self.name} is out")
        if now.latency_ms:
            await asyncio.sleep(now.latency_ms / 1000)
        return now.late

    async def simulate(
        self, *, latency_ms: int | None = None, outage: bool | None = None, late: bool | None = None
    ) -> int:
        """Change what is given, say how it behaves now; return an exit code."""
        now = await self.mode()
        wanted = replace(
            now,
            latency_ms=now.latency_ms if latency_ms is None else latency_ms,
            outage=now.outage if outage is None else outage,
            late=now.late if late is None else late,
        )
        if wanted.latency_ms < 0:
            typer.echo("--latency-ms must not be negative", err=True)
            return 2
        await self.set_mode(wanted)
        said = f"latency {wanted.latency_ms} ms, outage {wanted.outage}"
        typer.echo(f"{said}, late {wanted.late}" if self.can_be_late else said)
        return 0

    def command(self, group: str) -> Command:
        """Return ``bawaba GROUP simulate``, for ``declare_commands``."""

        async def punctual(*, latency_ms: int | None = None, outage: bool | None = None) -> int:
            return await self.simulate(latency_ms=latency_ms, outage=outage)

        moods = "slow, out or late" if self.can_be_late else "slow or out"
        run = self.simulate if self.can_be_late else punctual
        return Command(group, "simulate", run, f"Make {self.name} {moods}.")

    @property
    def _columns(self) -> str:
        return "latency_ms, outage, late" if self.can_be_late else "latency_ms, outage"
