"""Whom loaded plugins correspond with, checked at boot and gathered by agency."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from bawaba.correspondence import Answer, Correspondent, Line
from bawaba.errors import BootError
from bawaba.host.correspondence.domain import PLATFORM
from bawaba.host.correspondence.office import AgencyDesk
from bawaba.host.correspondence.rules import is_kind
from bawaba.host.registry import CORE, Loaded, Registry
from bawaba.host.settings import Settings

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


def declared_agencies(registry: Registry, settings: Settings) -> dict[str, AgencyDesk]:
    """Return the desk of each agency; several plugins may correspond with one.

    Raises:
        BootError: an unknown agency, a kind of another plugin or declared twice, an address of
            an agency that nobody corresponds with, or one that is to be simulated besides.
    """
    known = {agency.code for agency in registry.all("declare_agencies")}
    found: dict[str, tuple[dict[str, Answer], dict[str, Answer], dict[str, Line]]] = {}
    for plugin, entry in registry.each("declare_correspondents"):
        takes, simulated, lines = found.setdefault(entry.agency, ({}, {}, {}))
        for problem, mend in _problems(plugin, entry, known, {*takes, *simulated}):
            raise BootError(plugin.name, f"correspondent {entry.agency!r}", problem, mend)
        takes.update(entry.takes)
        simulated.update(entry.simulated)
        if entry.line is not None:
            lines.update(dict.fromkeys(entry.simulated, entry.line))
    for agency, address in settings.correspondence_addresses.items():
        if agency not in found or urlsplit(address).scheme not in {"http", "https"}:
            raise BootError(
                CORE,
                f"BAWABA_CORRESPONDENCE_ADDRESSES: {agency!r}",
                "is no agency that a loaded plugin corresponds with, or has no http address",
                "name one that does, with an address such as https://agency.example/letters",
            )
    for agency in settings.correspondence_simulated:
        if agency not in found or agency in settings.correspondence_addresses:
            raise BootError(
                CORE,
                f"BAWABA_CORRESPONDENCE_SIMULATED: {agency!r}",
                "is no agency that a loaded plugin corresponds with, or has an address",
                "name one that does, and has none",
            )
    return {agency: AgencyDesk(*parts) for agency, parts in found.items()}


def _problems(
    plugin: Loaded, entry: Correspondent, known: set[str], taken: set[str]
) -> Iterator[tuple[str, str]]:
    if entry.agency not in known or entry.agency == PLATFORM or not _CODE.fullmatch(entry.agency):
        yield "is no agency of a loaded plugin", "use a code of declare_agencies"
    prefix = f"{plugin.manifest.prefix}."
    for kind in (*entry.takes, *entry.simulated):
        if not is_kind(kind) or not (plugin.name == CORE or kind.startswith(prefix)):
            yield f"has the kind {kind!r}", f"use lower case words that start with {prefix!r}"
        if kind in taken:
            yield f"has the kind {kind!r} twice", "declare each kind once"
