"""What loaded plugins declare for the catalogue, checked at boot."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from bawaba.catalogue import Agency, Service
from bawaba.errors import BootError
from bawaba.host.registry import Registry
from bawaba.text import Text

CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
MAX_CODE = 64


@dataclass(frozen=True)
class Declared:
    """Agencies and services of all loaded plugins, by code."""

    agencies: dict[str, Agency] = field(default_factory=dict)
    services: dict[str, Service] = field(default_factory=dict)


def declared_catalogue(registry: Registry) -> Declared:
    """Return what all plugins declare.

    Two plugins may declare the same agency in the same words: several may speak for one body.

    Raises:
        BootError: a malformed code, missing words, a service declared twice or of an unknown
            agency, or two different agencies of one code.
    """
    found = Declared()
    for plugin, agency in registry.each("declare_agencies"):
        _check(plugin.name, f"agency {agency.code!r}", agency.code, agency.name)
        if found.agencies.setdefault(agency.code, agency) != agency:
            raise BootError(
                plugin.name,
                f"agency {agency.code!r}",
                "another plugin names it otherwise",
                "agree on one name",
            )
    for plugin, service in registry.each("declare_services"):
        element = f"service {service.code!r}"
        _check(plugin.name, element, service.code, service.name, service.description)
        if service.code in found.services:
            raise BootError(plugin.name, element, "is declared twice", "choose another code")
        if service.agency not in found.agencies:
            raise BootError(
                plugin.name,
                element,
                f"belongs to the unknown agency {service.agency!r}",
                "list the agency in declare_agencies",
            )
        found.services[service.code] = service
    return found


def well_formed(code: str) -> bool:
    """Return whether ``code`` is lower case, digits and hyphens, at most 64 characters."""
    return len(code) <= MAX_CODE and CODE.fullmatch(code) is not None


def _check(plugin: str, element: str, code: str, *words: Text) -> None:
    if not well_formed(code):
        raise BootError(
            plugin, element, "has a malformed code", "use lower case, digits and hyphens"
        )
    if not all(text.en and text.ar for text in words):
        raise BootError(plugin, element, "lacks words", "name and describe it in both languages")
