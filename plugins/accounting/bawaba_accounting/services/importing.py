"""Importing history: a file of transactions, streamed, refused by the line, never booked twice."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

from bawaba import catalogue, db, ledger, runtime
from bawaba.ledger import Account, AccountKind, Outcome
from bawaba.plugin import Progress
from bawaba.text import Text

from bawaba_accounting.domain import ImportSummary
from bawaba_accounting.rules import lines
from bawaba_accounting.rules.lines import BadLine, Line
from bawaba_accounting.services.sql import among, day, listed

__all__ = ["ACCOUNTS", "import_file", "rejects_path"]

ACCOUNTS = (
    Account(
        lines.COLLECTED,
        Text("Collected before these books", "مبالغ حُصّلت قبل هذه الدفاتر"),
        AccountKind.ASSET,
    ),
    Account(
        lines.REMITTED,
        Text("Remitted to agencies before these books", "مبالغ حُوّلت إلى الجهات قبل هذه الدفاتر"),
        AccountKind.ASSET,
    ),
)
"""Of what was brought forward nothing is left here: the second account cancels the first."""
BATCH = 500
"""Lines that share one transaction."""
_NOTHING = Text("", "")


def rejects_path(source: Path) -> Path:
    """Return where the refused lines of ``source`` are written."""
    return source.with_name(f"{source.name}.rejects.csv")


async def import_file(source: Path, progress: Progress) -> ImportSummary:
    """Book every good line of ``source`` and write the others to the rejects file.

    Safe to run again after a crash or a correction: what stands is counted, not booked again.

    Raises:
        BadLine: the header cannot be used; nothing was imported.
        OSError: a file cannot be read or written.
    """
    target = rejects_path(source)
    with ExitStack() as files, source.open("rb") as stream:
        reader = _Reader(stream, source.stat().st_size)  # noqa: ASYNC240  read a line at a time
        names = lines.header_of(lines.fields_of(reader.header()))
        target.unlink(missing_ok=True)
        work = _Import(names, await _known(), _Rejects(target, files))
        work.summary.ignored_columns = [
            name for name in names if name not in lines.REQUIRED + lines.OPTIONAL
        ]
        numbered = reader.lines()
        while chunk := list(islice(numbered, BATCH)):
            await work.take(chunk)
            progress("bytes", reader.read, reader.size)
    return work.summary


async def _known() -> dict[str, str]:
    return {code: service.agency for code, service in (await catalogue.services()).items()}


class _Reader:
    """Physical lines of a file; of one that is too long only the beginning is kept."""

    def __init__(self, stream: BinaryIO, size: int) -> None:
        self._stream, self.size, self.read = stream, size, 0

    def header(self) -> bytes:
        """Return the first line, without a byte order mark."""
        return self._next().removeprefix(codecs.BOM_UTF8).rstrip(b"\r\n")

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """Yield (number, line) of each further line that is not blank."""
        number = 1
        while raw := self._next():
            number += 1
            if raw.strip():
                yield number, raw.rstrip(b"\r\n")

    def _next(self) -> bytes:
        kept = piece = self._stream.readline(lines.MAX_LINE + 2)
        self.read += len(piece)
        while piece and not piece.endswith(b"\n"):
            piece = self._stream.readline(lines.MAX_LINE)
            self.read += len(piece)
        return kept


class _Rejects:
    """The rejects file, made at the first refused line. What was not UTF-8 stays as it was."""

    def __init__(self, target: Path, files: ExitStack) -> None:
        self._target, self._files = target, files
        self._writer: Any = None

    def add(self, number: int, reason: str, raw: bytes) -> None:
        """Write one refused line."""
        if self._writer is None:
            file = self._target.open("w", encoding="utf-8", errors="surrogateescape", newline="")
            self._writer = csv.writer(self._files.enter_context(file))
            self._writer.writerow(("line", "reason", "text"))
        self._writer.writerow((number, reason, raw.decode("utf-8", "surrogateescape")))


@dataclass(slots=True)
class _Import:
    """One run: the file's columns, which service belongs to whom, and the tally so far."""

    names: Sequence[str]
    owners: dict[str, str]
    rejects: _Rejects
    summary: ImportSummary = field(default_factory=ImportSummary)

    async def take(self, chunk: Sequence[tuple[int, bytes]]) -> None:
        """Book one batch of lines, in one transaction."""
        today, zone = runtime.today(), ZoneInfo(runtime.current().timezone)
        owners, found = dict(self.owners), []
        for number, raw in chunk:
            try:
                line = lines.line_of(self.names, lines.fields_of(raw), today, zone)
                lines.check_owner(line, owners.setdefault(line.service, line.agency))
            except BadLine as error:
                self._refuse(number, str(error), raw)
            else:
                found.append((number, raw, line))
        batch = [line for _, _, line in found]
        outcomes, clashing = await db.retrying(lambda: self._book(batch))
        self.summary.historic += sorted(owners.keys() - self.owners.keys())
        self.owners = owners
        for (number, raw, line), outcome in zip(found, outcomes, strict=True):
            if outcome is Outcome.RECORDED:
                self.summary.recorded += 1
                self.summary.fils += line.fils
            elif outcome is not Outcome.DUPLICATE:
                self._refuse(number, outcome.value, raw)
            elif line in clashing:
                self._refuse(number, "reference: stands for another transaction already", raw)
            else:
                self.summary.duplicates += 1

    async def _book(self, batch: Sequence[Line]) -> tuple[list[Outcome], set[Line]]:
        """Return each line's outcome, and the lines whose reference another transaction has."""
        if not batch:
            return [], set()
        async with db.transaction():
            await self._register([line for line in batch if line.service not in self.owners])
            recorded = await ledger.record([lines.journal_of(line) for line in batch])
            outcomes = [row.outcome for row in recorded]
            again = [
                line
                for line, outcome in zip(batch, outcomes, strict=True)
                if outcome is Outcome.DUPLICATE
            ]
            return outcomes, await _clashing(again)

    async def _register(self, new: Sequence[Line]) -> None:
        """Put services that nobody offers, and their agencies, into the catalogue as historic."""
        if not new:
            return
        services = {line.service: line for line in reversed(new)}
        agencies = {line.agency: line for line in reversed(new)}
        await catalogue.register_historic(
            [catalogue.Agency(code, line.agency_name) for code, line in agencies.items()],
            [
                catalogue.Service(code, line.agency, line.service_name, _NOTHING)
                for code, line in services.items()
            ],
        )

    def _refuse(self, number: int, reason: str, raw: bytes) -> None:
        self.summary.rejected += 1
        self.rejects.add(number, reason, raw)


async def _clashing(again: Sequence[Line]) -> set[Line]:
    """Return those of ``again`` that differ from what stands under their reference."""
    if not again:
        return set()
    rows = await db.fetch(
        "SELECT j.reference, a.service, a.agency, a.channel, a.gateway, a.counted_on, a.count, "  # noqa: S608
        "a.fils FROM accounting_journal j JOIN accounting_activity a "
        f"ON a.position = j.number * 1048576 WHERE {among('j.reference', '$1')}",
        listed([f"import:{line.reference}" for line in again]),
    )
    stands = {row["reference"]: _facts(row) for row in rows}
    return {line for line in again if stands.get(f"import:{line.reference}") != _said(line)}


def _facts(row: Mapping[str, Any]) -> tuple[Any, ...]:
    place = (row["service"], row["agency"], row["channel"], row["gateway"])
    return (*place, day(row["counted_on"]), row["count"], row["fils"])


def _said(line: Line) -> tuple[Any, ...]:
    place = (line.service, line.agency, line.channel, line.gateway)
    return (*place, line.on, line.count, line.fils)
