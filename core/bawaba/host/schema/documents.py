"""The generated pages: permissions, errors, events, state machines, hooks."""

from __future__ import annotations

import ast
import enum
import importlib
import inspect
import json
import re
import sys
import textwrap
from collections.abc import Callable, Iterable, Sequence
from types import ModuleType
from typing import Any

from graphql import GraphQLEnumType, GraphQLField, GraphQLObjectType, GraphQLSchema, get_named_type

from bawaba.graphql import PUBLIC
from bawaba.host import hookspecs
from bawaba.host.registry import CORE, Registry
from bawaba.host.schema.codes import error_catalogue
from bawaba.host.schema.compose import ComposedSchema, field_policies
from bawaba.plugin import Machine, Permission, Role
from bawaba.policies import LIVE, LivePolicy

_ONLY = 2
"""A docstring and a return."""
_COLLECTED = re.compile(r'^    return _collect\("(\w+)"\)$', re.MULTILINE)
_NOTICE = "<!-- Written by `make generate`; do not edit. -->\n"


def permissions(schema: ComposedSchema) -> str:
    """Return the page of roles, permissions and the fields that ask for them."""
    registry = schema.registry
    roles: list[Role] = sorted(registry.all("declare_roles"), key=lambda role: role.name)
    known: list[Permission] = sorted(registry.all("declare_permissions"), key=lambda p: p.name)
    fields: dict[str, list[str]] = {}
    for name, policy in sorted(field_policies(schema).items()):
        fields.setdefault(policy.permission, []).append(f"`{name}`")
    lines = [
        "# Who may do what",
        _NOTICE,
        "A role is a set of permissions. A field asks for one permission, or is public: then",
        "nobody has to be signed in.",
        "",
        "## Roles",
        "",
    ]
    lines += _table(
        ["Role", "Title", "الدور", "Held by", "Permissions"],
        (
            [
                f"`{role.name}`",
                role.title.en,
                role.title.ar,
                "everyone who is signed in" if role.everyone else "who is granted it",
                ", ".join(f"`{name}`" for name in sorted(role.permissions)) or "—",
            ]
            for role in roles
        ),
    )
    lines += ["", "## Permissions", ""]
    lines += _table(
        ["Permission", "Meaning", "المعنى", "Roles", "Fields"],
        (
            [
                f"`{permission.name}`",
                permission.description.en,
                permission.description.ar,
                ", ".join(f"`{r.name}`" for r in roles if permission.name in r.permissions) or "—",
                ", ".join(fields.get(permission.name, [])) or "asked inside resolvers",
            ]
            for permission in known
        ),
    )
    lines += ["", "## Public fields", "", *(f"- {name}" for name in fields.get(PUBLIC, []))]
    return "\n".join(lines) + "\n"


def errors_json(registry: Registry) -> str:
    """Return the error catalogue for programs."""
    entries = [
        {
            "code": entry.code,
            "kind": "refusal" if entry.is_refusal else "request",
            "plugin": entry.plugin,
            "en": entry.text.en,
            "ar": entry.text.ar,
            "cause": entry.cause,
        }
        for entry in error_catalogue(registry)
    ]
    return json.dumps(entries, ensure_ascii=False, indent=2) + "\n"


def errors(registry: Registry) -> str:
    """Return the error catalogue for people."""
    catalogue = error_catalogue(registry)
    lines = [
        "# Errors",
        _NOTICE,
        "A *refusal* stands in a payload's `errors`: a business answer, with HTTP status 200.",
        "A *request error* stands in the response's top-level `errors`, under `extensions.code`.",
        "Programs read the code; people read the message, in the language of the request.",
        "A running gateway shows each at `/errors/{CODE}`, in Arabic and English.",
        "",
    ]
    lines += _table(
        ["Code", "Kind", "From"],
        ([f"[`{e.code}`](#{e.code.lower()})", e.kind.en, e.plugin] for e in catalogue),
    )
    for entry in catalogue:
        lines += ["", f"## {entry.code}", "", f"> {entry.text.en}", ">", f"> {entry.text.ar}"]
        lines += ["", entry.cause]
    return "\n".join(lines) + "\n"


def events(schema: GraphQLSchema) -> str:
    """Return the page of live fields and the kinds of step each one yields."""
    root = schema.subscription_type
    lines = [
        "# Live events",
        _NOTICE,
        "Each field of `Subscription` follows one topic. It yields a snapshot first, then every",
        "step in order; `after: cursor` goes on where a client stopped.",
    ]
    for name, field in sorted(root.fields.items()) if root else ():
        en, ar = _languages(field.description)
        arguments = ", ".join(f"{key}: {value.type}" for key, value in sorted(field.args.items()))
        lines += ["", f"## {name}", "", en, "", ar, "", f"`{name}({arguments}): {field.type}`", ""]
        lines += [_delivery(field), "", *_kinds(field)]
    return "\n".join(lines) + "\n"


def machine(declared: Machine) -> str:
    """Return the page of one state machine: its diagram and its table."""
    table = declared.machine
    kind: Any = type(table.initial)
    states: list[enum.Enum] = list(kind)
    lines = [f"# State machine: {table.name}", _NOTICE]
    for words in (declared.description.en, declared.description.ar):
        lines += [words, ""] if words else []
    lines += ["```mermaid", table.diagram().rstrip(), "```", ""]
    lines += _table(
        ["State", "On", "Becomes"],
        (
            [f"`{s.name}`", f"`{t.name}`", f"`{after.name}`"]
            for (s, t), after in table.edges.items()
        ),
    )
    final = ", ".join(f"`{state.name}`" for state in states if state in table.terminal)
    lines += ["", f"Final: {final or 'none'}. Whatever is not in the table is refused."]
    return "\n".join(lines) + "\n"


def hooks(registry: Registry) -> str:
    """Return the page of every hook, with an example from the plugins that are loaded."""
    lines = [
        "# Hooks",
        _NOTICE,
        inspect.cleandoc(hookspecs.__doc__ or ""),
        "",
        "A plugin marks its functions with `bawaba.plugin.hookimpl`.",
        "[add_an_agency](add_an_agency.md) shows one from the first line to the last.",
        "",
    ]
    found = hook_specifications()
    lines += [f"- [{name}](#{name})" for name in found]
    for name, spec in found.items():
        returns = str(inspect.signature(spec).return_annotation)
        awaited = "async " if inspect.iscoroutinefunction(spec) else ""
        lines += [
            "",
            f"## {name}",
            "",
            inspect.cleandoc(spec.__doc__ or ""),
            "",
            f"`{awaited}def {name}{_parameters(spec)} -> {returns}`",
            "",
        ]
        lines += _example(name, registry)
    return "\n".join(lines) + "\n"


def hook_specifications() -> dict[str, Callable[..., Any]]:
    """Return name to specification of every hook, in the order of their file."""
    return {
        name: value
        for name, value in vars(hookspecs).items()
        if inspect.isfunction(value) and hasattr(value, "bawaba_spec")
    }


def _parameters(spec: Callable[..., Any]) -> str:
    plan = inspect.signature(spec)
    return "(" + ", ".join(f"{p.name}: {p.annotation}" for p in plan.parameters.values()) + ")"


def _example(name: str, registry: Registry) -> list[str]:
    """Return the shortest real implementation; a plugin's rather than core's own."""
    candidates = []
    for plugin in registry.plugins:
        function: Any = getattr(plugin.module, name, None)
        if hasattr(function, "bawaba_impl"):
            source = textwrap.dedent(inspect.getsource(function)).rstrip()
            candidates.append((plugin.name == CORE, len(source), plugin.name, source, function))
    if not candidates:
        return ["No loaded plugin implements it."]
    _, _, plugin_name, source, function = min(candidates, key=lambda c: c[:3])
    lines = [f"As `{plugin_name}` does it:", "", "```python", source]
    if (origin := _definition_of_returned(source, function)) is not None:
        module, text = origin
        lines += ["", f"# {module}", text]
    return [*lines, "```"]


def _definition_of_returned(source: str, function: Any) -> tuple[str, str] | None:
    """Return (module, source) of the constant that an implementation does nothing but return."""
    if (collected := _COLLECTED.search(source)) is not None:
        return _first_declared(collected[1])
    tree = ast.parse(source).body[0]
    returned = next((n.body for n in ast.walk(tree) if isinstance(n, ast.Lambda)), None)
    if isinstance(tree, ast.FunctionDef | ast.AsyncFunctionDef):
        last = tree.body[-1]
        returned = last.value if isinstance(last, ast.Return) and len(tree.body) <= _ONLY else None
    home = inspect.getmodule(function)
    if isinstance(returned, ast.Attribute) and isinstance(returned.value, ast.Name):
        home, name = getattr(home, returned.value.id, None), returned.attr
    elif isinstance(returned, ast.Name):
        name = returned.id
    else:
        return None
    return _definition(home, name) if isinstance(home, ModuleType) else None


def _first_declared(name: str) -> tuple[str, str] | None:
    """Return (module, source) of the first room of core that declares something under ``name``."""
    for module_name, module in sorted(sys.modules.items()):
        room = module_name.startswith("bawaba.host.") and module_name.endswith(".declarations")
        if room and getattr(module, name, None):
            return _definition(module, name)
    return None


def _definition(home: ModuleType, name: str) -> tuple[str, str] | None:
    """Return (module, source) of where ``name`` is defined, followed through imports."""
    text = inspect.getsource(home)
    for node in ast.parse(text).body:
        if isinstance(node, ast.ImportFrom) and name in {a.asname or a.name for a in node.names}:
            original = next(a.name for a in node.names if name == (a.asname or a.name))
            origin = "." * node.level + (node.module or "")
            return _definition(importlib.import_module(origin, home.__package__), original)
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        named = [target.id for target in targets if isinstance(target, ast.Name)]
        if name in named or (isinstance(node, ast.ClassDef) and node.name == name):
            return home.__name__, ast.get_source_segment(text, node) or ""
    return None


def _delivery(field: GraphQLField) -> str:
    declared: LivePolicy = field.extensions["strawberry-definition"].metadata[LIVE]
    kept = "the newest state" if declared.delivery == "state" else "every step, or a disconnect"
    shared = ", ".join(f"`{audience}`" for audience in sorted(declared.audiences))
    return f"Executed once for each audience: {shared}. A slow reader gets {kept}."


def _kinds(field: GraphQLField) -> list[str]:
    payload = get_named_type(field.type)
    kind = payload.fields.get("kind") if isinstance(payload, GraphQLObjectType) else None
    values = get_named_type(kind.type) if kind is not None else None
    if not isinstance(values, GraphQLEnumType):
        return ["It names no kinds of step."]
    rows = (
        [f"`{name}`", *_languages(value.description)]
        for name, value in sorted(values.values.items())
    )
    return _table(["Kind", "Meaning", "المعنى"], rows)


def _languages(description: str | None) -> tuple[str, str]:
    en, _, ar = (description or "").partition("\n\n")
    return en, ar


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    def line(cells: Sequence[str]) -> str:
        return (
            "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"
        )

    return [line(head), line(["---"] * len(head)), *map(line, rows)]
