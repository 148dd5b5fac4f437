"""The verbs of the command line: ``bawaba accounting …``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from bawaba import settlement
from bawaba.errors import RequestError
from bawaba.money import format_fils
from bawaba.plugin import Command, Progress
from bawaba.settlement import MAX_BYTES, SettlementUnreadable
from bawaba.text import Language
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars

from bawaba_accounting.refusals import SettlementFileDiffers
from bawaba_accounting.rules.asking import asked
from bawaba_accounting.rules.lines import BadLine
from bawaba_accounting.services import settlements, sheets
from bawaba_accounting.services import verify as checking
from bawaba_accounting.services.importing import import_file, rejects_path

__all__ = ["EXPORT", "TREASURY", "import_history", "import_settlement", "verify"]

_OUT = Console(highlight=False, soft_wrap=True)
_ERR = Console(stderr=True, highlight=False, soft_wrap=True)
UNUSABLE = 2


async def import_history(
    file: Annotated[
        Path, typer.Argument(help="CSV: when,service,agency,channel,amount,reference.")
    ],
) -> int:
    """Bring history forward from a CSV file; refused lines go to FILE.rejects.csv.

    Exits with 0 where the file was read to its end, also when lines were refused, and with 2
    where nothing could be imported.
    """
    try:
        with _bars() as progress:
            summary = await import_file(file, progress)
    except (BadLine, OSError) as error:
        _ERR.print(escape(f"bawaba: {file}: {error}"))
        return UNUSABLE
    _OUT.print(
        f"{summary.recorded:,} recorded (BHD {format_fils(summary.fils)}), "
        f"{summary.duplicates:,} duplicates, {summary.rejected:,} rejected"
    )
    if summary.historic:
        _OUT.print(f"historic services: {', '.join(summary.historic)}")
    if summary.ignored_columns:
        _OUT.print(escape(f"ignored columns: {', '.join(summary.ignored_columns)}"))
    if summary.rejected:
        _OUT.print(escape(f"rejected lines, with reasons: {rejects_path(file)}"))
    return 0


async def import_settlement(
    file: Annotated[Path, typer.Argument(help="The gateway's file, in its own format.")],
    gateway: Annotated[str, typer.Option("--gateway", help="Name of the gateway.")],
    replace: Annotated[  # noqa: FBT002
        bool, typer.Option("--replace", help="Even where one of its name and revision differs.")
    ] = False,
) -> int:
    """Take a gateway's settlement file in and compare it with the books.

    Exits with 0 where the file was taken in, also when it stood already or differs from the books,
    and with 2 where it cannot be used, or another one of its name and revision stands.
    """
    reader = settlement.readers().get(gateway)
    if reader is None:
        known = ", ".join(sorted(settlement.readers())) or "none"
        _ERR.print(f"bawaba: no gateway {gateway!r} with settlement files; there are: {known}")
        return UNUSABLE
    try:
        with file.open("rb") as stream:
            body = stream.read(MAX_BYTES + 1)
        taken = await settlements.import_body(None, reader, body, replace=replace)
    except (SettlementUnreadable, OSError) as error:
        _ERR.print(escape(f"bawaba: {file}: {error}"))
        return UNUSABLE
    except SettlementFileDiffers as error:
        _ERR.print(escape(f"bawaba: {file}: {error.message(Language.EN)}; --replace takes it"))
        return UNUSABLE
    if not taken.is_new:
        _OUT.print("nothing new: the same file stands already")
        return 0
    told = await settlements.told(taken.file_id)
    if taken.is_provisional:
        _OUT.print(f"provisional: {told.settled_on} is not over, its last file takes the place")
    _OUT.print(f"{told.lines:,} lines, {told.matched:,} agree with the books")
    _OUT.print(f"{told.differences:,} differences are open for {told.settled_on}")
    return 0


TREASURY = (
    Command(
        "accounting",
        "settlement",
        import_settlement,
        "Take a gateway's settlement file in and compare it with the books.",
    ),
)


async def verify() -> int:
    """Check the whole chain, the balances and the statistics; name the first broken journal.

    Exits with 0 where the books are intact and with 1 where they are not.
    """
    with _bars() as progress:
        verdict = await checking.verify(progress)
    if verdict.fault is None:
        _OUT.print(f"intact: {verdict.checked:,} journals, head {verdict.head.hash}")
        return 0
    fault = verdict.fault
    _OUT.print(escape(f"BROKEN: {fault.what.en}"))
    if fault.number is not None:
        _OUT.print(f"first broken journal: {fault.number} (id {fault.journal_id or 'unknown'})")
    return 1


async def export(  # noqa: PLR0913, PLR0917  one option a word of the query
    file: Annotated[
        Path | None, typer.Argument(help="Where to write; standard output by default.")
    ] = None,
    since: Annotated[str, typer.Option("--from", help="The first day, e.g. 2024-01-01.")] = "",
    until: Annotated[str, typer.Option("--to", help="The last day.")] = "",
    service: Annotated[str, typer.Option(help="Codes of services, with commas between.")] = "",
    agency: Annotated[str, typer.Option(help="Codes of agencies, with commas between.")] = "",
    channel: Annotated[str, typer.Option(help="Channels, with commas between.")] = "",
    group: Annotated[
        str, typer.Option(help="service, agency, channel, gateway, year, month, day.")
    ] = "",
    lang: Annotated[str, typer.Option(help="Header and names in ar or en.")] = "",
    total: Annotated[bool, typer.Option("--total", help="End with a row of the total.")] = False,  # noqa: FBT002
    bom: Annotated[bool, typer.Option("--bom", help="Mark as UTF-8 for spreadsheets.")] = False,  # noqa: FBT002
) -> int:
    """Write the statistics as comma-separated values, by the rules of the public page.

    Exits with 2 where the question is not understood or its answer is too large.
    """
    words = {"from": since, "to": until, "service": service, "agency": agency}
    words |= {"channel": channel, "group": group, "lang": lang}
    words |= {"total": "1" if total else "", "bom": "1" if bom else ""}
    try:
        text = await sheets.written(asked(list(words.items())))
        if file is None:
            sys.stdout.buffer.write(text.encode())
            sys.stdout.buffer.flush()
        else:
            file.write_bytes(text.encode())
    except (RequestError, OSError) as error:
        _ERR.print(escape(f"bawaba: {error}"))
        return UNUSABLE
    return 0


EXPORT = Command(
    "accounting",
    "export",
    export,
    "Write the statistics as CSV, to a file or standard output.",
)


@contextmanager
def _bars() -> Iterator[Progress]:
    """Yield a function that draws a bar for each kind of work, on a terminal alone."""
    if not sys.stderr.isatty():
        yield lambda _what, _done, _total: None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Bars(*columns, console=_ERR) as bars:
        tasks = {}

        def report(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total)
            bars.update(tasks[what], completed=done, total=total)

        yield report
