"""Loading plugins: entry points in, one checked :class:`Registry` out.

Each plugin is asked by name, hook by hook, so that every boot error names its plugin, the
element at fault and the mend.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import entry_points
from inspect import signature
from typing import Any

import pluggy
import structlog

from bawaba.errors import BootError
from bawaba.host import hookspecs
from bawaba.plugin import HOST_API, DemoPerson, Manifest

log = structlog.get_logger(__name__)
ENTRY_POINT_GROUP = "bawaba"
CORE = "bawaba"
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_PREFIX = re.compile(r"[a-z]+([A-Z][a-z]+)*")


@dataclass(frozen=True)
class Loaded:
    """One loaded plugin: its manifest and what each hook of it returned."""

    manifest: Manifest
    module: Any
    declared: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The plugin's name."""
        return self.manifest.name

    @property
    def package(self) -> str:
        """The top-level package in which the plugin's classes live."""
        return str(self.module.__name__).partition(".")[0]


@dataclass(frozen=True)
class Moment:
    """A plugin's ``on_*`` hook, which gets those arguments that it names."""

    hook: Callable[..., Any]

    def takes(self, argument: str) -> bool:
        """Return whether the plugin's function names ``argument``."""
        return argument in signature(self.hook).parameters

    async def __call__(self, **offered: Any) -> None:
        """Await the hook."""
        await self.hook(**{name: value for name, value in offered.items() if self.takes(name)})


@dataclass(frozen=True)
class Registry:
    """All loaded plugins, dependencies before dependents, otherwise by name; core first."""

    plugins: Sequence[Loaded]

    def each(self, hook: str) -> Iterable[tuple[Loaded, Any]]:
        """Yield (plugin, item) of a ``declare_*`` hook that returns a sequence."""
        for plugin in self.plugins:
            for item in plugin.declared.get(hook) or ():
                yield plugin, item

    def all(self, hook: str) -> list[Any]:
        """Return every item that any plugin declared under ``hook``."""
        return [item for _, item in self.each(hook)]

    def ones(self, hook: str) -> Iterable[tuple[Loaded, Any]]:
        """Yield (plugin, value) of a hook that returns one value."""
        for plugin in self.plugins:
            if (value := plugin.declared.get(hook)) is not None:
                yield plugin, value

    def demo_people(self) -> list[DemoPerson]:
        """Return the people of the demo; who is declared by several plugins is one person.

        Raises:
            BootError: two plugins mean different people by one handle.
        """
        found: dict[str, DemoPerson] = {}
        for plugin, person in self.each("declare_demo_people"):
            known = found.setdefault(person.handle, person)
            if known.national_id != person.national_id:
                raise BootError(
                    plugin.name,
                    f"demo person {person.handle!r}",
                    "is somebody else in another plugin",
                    "use the same personal number, or another handle",
                )
            more = [grant for grant in person.grants if grant not in known.grants]
            found[person.handle] = replace(known, grants=(*known.grants, *more))
        return list(found.values())

    def demo_loaders(self) -> list[Moment]:
        """Return the plugins' ``on_demo_load``, in order of loading."""
        hooks = [_hook(plugin.module, "on_demo_load") for plugin in self.plugins]
        return [Moment(hook) for hook in hooks if hook is not None]

    def provider(self, hook: str, *, needed_by: str | None) -> Any:
        """Return what the one provider of ``hook`` returned, or None.

        Raises:
            BootError: two plugins provide it, or none does and ``needed_by`` is given.
        """
        found = list(self.ones(hook))
        if len(found) > 1:
            names = " and ".join(repr(plugin.name) for plugin, _ in found)
            raise BootError(
                found[1][0].name, hook, f"{names} both provide it", "uninstall one of them"
            )
        if not found and needed_by is not None:
            raise BootError(
                needed_by, hook, "no loaded plugin provides it", "install one that does"
            )
        return found[0][1] if found else None


def discover() -> dict[str, Any]:
    """Import every installed plugin; return entry point name to module.

    Raises:
        BootError: a plugin cannot be imported.
    """
    found: dict[str, Any] = {}
    for entry in sorted(entry_points(group=ENTRY_POINT_GROUP), key=lambda e: e.name):
        try:
            found[entry.name] = entry.load()
        except Exception as error:
            raise BootError(
                entry.name, entry.value, f"import failed: {error!r}", "fix or uninstall it"
            ) from error
    return found


def load(modules: Mapping[str, Any]) -> Registry:
    """Ask every plugin for everything it declares, check it, and order the plugins.

    Raises:
        BootError: names the plugin, the element and the mend.
    """
    manager = pluggy.PluginManager("bawaba")
    manager.add_hookspecs(hookspecs)
    loaded: dict[str, Loaded] = {}
    for entry_name, module in modules.items():
        try:
            manager.register(module, name=entry_name)
            manager.check_pending()
        except pluggy.PluginValidationError as error:
            raise BootError(
                entry_name, "hooks", str(error), "see docs/hooks.md for names and arguments"
            ) from error
        plugin = Loaded(_manifest(entry_name, _hook(module, "declare_manifest")), module)
        if plugin.name in loaded:
            raise BootError(plugin.name, "manifest", "the name is taken", "choose another name")
        loaded[plugin.name] = plugin
        plugin.declared.update(_ask(plugin))
    _distinct_prefixes(loaded.values())
    return Registry(_ordered(loaded))


def _hook(module: Any, name: str) -> Callable[[], Any] | None:
    """Return the function of ``module`` marked as implementing ``name``."""
    function = getattr(module, name, None)
    return function if hasattr(function, "bawaba_impl") else None


def _ask(plugin: Loaded) -> dict[str, Any]:
    answers: dict[str, Any] = {}
    for name in dir(hookspecs):
        if not name.startswith(("declare_", "provide_")):
            continue
        function = _hook(plugin.module, name)
        if function is None:
            continue
        try:
            answers[name] = function()
        except Exception as error:
            raise BootError(
                plugin.name, name, f"raised {error!r}", "a declaration must be pure and total"
            ) from error
        if answers[name] is None or hasattr(answers[name], "__await__"):
            raise BootError(
                plugin.name,
                name,
                "returned nothing usable",
                "return the dataclasses, synchronously",
            )
    return answers


def _manifest(entry_name: str, hook: Callable[[], Any] | None) -> Manifest:
    manifest = hook() if hook else None
    if not isinstance(manifest, Manifest):
        raise BootError(entry_name, "declare_manifest", "is missing", "return a Manifest from it")
    checks = [
        (
            _NAME.fullmatch(manifest.name),
            f"name {manifest.name!r}",
            "lower case words joined by hyphens",
        ),
        (
            _PREFIX.fullmatch(manifest.prefix),
            f"prefix {manifest.prefix!r}",
            "a camelCase word of letters",
        ),
        (
            manifest.host_api == HOST_API,
            f"host API version {manifest.host_api}",
            f"this host speaks {HOST_API}: install a matching release of the plugin or of bawaba",
        ),
    ]
    for good, element, mend in checks:
        if not good:
            raise BootError(manifest.name, element, "is not acceptable", mend)
    return manifest


def _distinct_prefixes(plugins: Iterable[Loaded]) -> None:
    taken: dict[str, str] = {}
    for plugin in plugins:
        prefix = plugin.manifest.prefix
        if prefix in taken:
            raise BootError(
                plugin.name,
                f"prefix {prefix!r}",
                f"is taken by {taken[prefix]!r}",
                "choose another",
            )
        taken[prefix] = plugin.name


def _ordered(loaded: dict[str, Loaded]) -> list[Loaded]:
    """Return the plugins sorted by name, each after those that it requires."""
    done: dict[str, Loaded] = {}

    def visit(name: str, trail: tuple[str, ...]) -> None:
        if name in done:
            return
        if name in trail:
            raise BootError(
                name, "requires", f"a circle: {' > '.join((*trail, name))}", "break the circle"
            )
        plugin = loaded[name]
        for needed in sorted(plugin.manifest.requires):
            if needed not in loaded:
                raise BootError(
                    name,
                    f"requires {needed!r}",
                    "it is not installed",
                    f"install {needed}, or uninstall {name}",
                )
            visit(needed, (*trail, name))
        done[name] = plugin

    for name in sorted(loaded, key=lambda name: (name != CORE, name)):
        visit(name, ())
    return list(done.values())
