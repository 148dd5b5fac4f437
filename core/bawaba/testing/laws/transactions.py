"""Law 5, first half: nothing slow inside a transaction."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from bawaba.testing.laws.source import dotted, modules, names_of, parsed

__all__ = ["nothing_slow"]

_OUTSIDE = re.compile(
    r"(^|_)(correspondence|gateways?|http|https|client|clients|directorate|simulator|smtp)(_|$)"
)
_SLOW_VERBS = {
    "deliver",
    "deliver_reversal",
    "open_checkout",
    "owed_by",
    "sleep",
    "to_thread",
    "urlopen",
}
_SLOW_OF_PAYABLES = {"find"}
_PAYABLE = re.compile(r"(^|_)payables?(_|$)")


def nothing_slow(package: Path) -> list[str]:
    """Return what waits for the world outside inside ``async with transaction()``.

    Lexical, and through functions of the same file: awaited calls on a gateway, an HTTP client, an
    agency's system (whatever comes from a ``gateway`` module), letters, the slow verbs of a
    payable, sleep.
    """
    return [
        f"{path}:{line}: waits for {what} inside a transaction"
        for path in modules(package)
        if not {"tests", "migrations"} & set(path.parts)
        for line, what in sorted(_breaches(parsed(path)))
    ]


def _breaches(tree: ast.Module) -> set[tuple[int, str]]:
    slow = _slow_functions(tree)
    return {
        (node.lineno, what)
        for block in ast.walk(tree)
        if isinstance(block, ast.AsyncWith) and any(map(_opens_transaction, block.items))
        for node, what in _slow_awaits(block.body, slow)
    }


def _opens_transaction(item: ast.withitem) -> bool:
    call = item.context_expr
    return isinstance(call, ast.Call) and dotted(call.func).split(".")[-1] == "transaction"


def _slow_functions(tree: ast.Module) -> set[str]:
    """Return the names in this file behind which something slow is awaited, imports included."""
    slow = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        and {"gateway", "aiohttp"} & set((node.module or "").split("."))
        for alias in node.names
    }
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.AsyncFunctionDef)]
    while more := {f.name for f in functions if any(_slow_awaits(f.body, slow))} - slow:
        slow |= more
    return slow


def _slow_awaits(body: list[ast.stmt], slow: set[str]) -> Iterator[tuple[ast.Await, str]]:
    for node in _executed(body):
        if isinstance(node, ast.Await) and isinstance(node.value, ast.Call):
            names = names_of(node.value.func)
            if names and _is_slow(names, slow):
                yield node, ".".join(names)


def _is_slow(names: list[str], slow: set[str]) -> bool:
    receiver, verb = [name.lower() for name in names[:-1]], names[-1]
    own = not receiver or receiver == ["self"]
    return (
        (own and verb in slow)
        or bool(slow & set(names[:-1]))
        or any(_OUTSIDE.search(name) for name in receiver)
        or (not own and verb in _SLOW_VERBS)
        or (verb in _SLOW_OF_PAYABLES and any(_PAYABLE.search(name) for name in receiver))
    )


def _executed(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """Walk what runs here and now: not the bodies of functions that are only defined here."""
    pending: list[ast.AST] = list(body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            continue
        yield node
        pending.extend(ast.iter_child_nodes(node))
