"""What loaded plugins declare to take files for, checked at boot."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bawaba.errors import BootError
from bawaba.files import Purpose
from bawaba.host.files.rules import RECOGNISED
from bawaba.host.registry import CORE, Loaded, Registry

_NAME = re.compile(r"[a-z][A-Za-z0-9]*(\.[a-z0-9_]+)+")
_MAX_NAME = 100


def declared_purposes(registry: Registry) -> dict[str, Purpose]:
    """Return every purpose by name.

    Raises:
        BootError: a wrong prefix, a name declared twice, an unknown permission, a type that
            cannot be recognised, no room, or missing words.
    """
    permissions = {permission.name for permission in registry.all("declare_permissions")}
    found: dict[str, Purpose] = {}
    for plugin, purpose in registry.each("declare_file_purposes"):
        element = f"file purpose {purpose.name!r}"
        if purpose.name in found:
            raise BootError(plugin.name, element, "is declared twice", "choose another name")
        for problem, mend in _problems(plugin, purpose, permissions):
            raise BootError(plugin.name, element, problem, mend)
        found[purpose.name] = purpose
    return found


def _problems(plugin: Loaded, purpose: Purpose, permissions: set[str]) -> Iterator[tuple[str, str]]:
    prefix = f"{plugin.manifest.prefix}."
    prefixed = plugin.name == CORE or purpose.name.startswith(prefix)
    if not prefixed or not _NAME.fullmatch(purpose.name) or len(purpose.name) > _MAX_NAME:
        yield "is not well named", f"use lower case words that start with {prefix!r}"
    if purpose.permission not in permissions:
        yield (
            f"names the unknown permission {purpose.permission!r}",
            "list it in declare_permissions",
        )
    if unknown := sorted(purpose.media_types - RECOGNISED):
        yield f"takes {', '.join(unknown)}", f"choose among {', '.join(sorted(RECOGNISED))}"
    if not purpose.media_types or purpose.max_bytes < 1:
        yield "takes no file at all", "name media types, and a size of at least one byte"
    if not (purpose.title.en and purpose.title.ar):
        yield "lacks words", "title it in both languages"
