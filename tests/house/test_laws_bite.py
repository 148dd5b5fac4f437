"""Each law of the source, broken once in a small sample: its checker must say so."""

from __future__ import annotations

from pathlib import Path

import pytest
from bawaba.testing import laws


def sample(tmp_path: Path, **files: str) -> Path:
    """Write a package ``bawaba_sample`` with these modules and return its folder."""
    package = tmp_path / "bawaba_sample"
    package.mkdir(exist_ok=True)
    for name, text in {"__init__": "", **files}.items():
        path = package / f"{name.replace('__', '/') if name != '__init__' else name}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return package


@pytest.mark.parametrize(
    "text",
    [
        "# for the post office",
        "x = 'bawaba_post_office'",
        "'bawaba-post-office'",
        "POST_OFFICE = 1",
    ],
)
def test_core_that_names_a_plugin_is_reported(tmp_path: Path, text: str) -> None:
    core = sample(tmp_path, thing=text)
    names = ["post_office", "bawaba_post_office", "bawaba-post-office"]
    assert len(laws.knows_no_agency(core, names)) == 1
    assert laws.knows_no_agency(core, ["library"]) == []


@pytest.mark.parametrize(
    "text",
    [
        "from bawaba.host import boot",
        "import bawaba.host.storage.database",
        "from bawaba import host",
        "def late():\n    from bawaba.host.settings import Settings",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from bawaba.host import ports",
    ],
)
def test_a_second_door_is_reported(tmp_path: Path, text: str) -> None:
    assert len(laws.one_door(sample(tmp_path, services=text))) == 1
    assert (
        laws.one_door(sample(tmp_path, services="from bawaba import db\nimport bawaba.hosting"))
        == []
    )


def test_plugins_that_know_each_other_are_reported(tmp_path: Path) -> None:
    package = sample(
        tmp_path, services="from bawaba_other.domain import Fine\nimport bawaba_others"
    )
    assert len(laws.strangers(package, ["bawaba_other"])) == 1
    assert laws.strangers(package, ["bawaba_third"]) == []


@pytest.mark.parametrize(
    "text",
    [
        "import datetime as dt\ndef f():\n    return dt.datetime.now(dt.UTC)",
        "from datetime import datetime\nx = datetime.utcnow",
        "import datetime\nx = datetime.date.today()",
        "from bawaba.runtime import now",
        "import time",
        "from time import monotonic",
        "import random",
        "from uuid import uuid4",
        "import secrets",
        "import os\nhome = os.environ['HOME']",
        "text = open('x')",
        "from pathlib import Path\ntext = Path('x').read_text()",
        "async def f(): ...",
        "from bawaba.db import fetch",
        "from bawaba import live",
        "from tortoise.models import Model",
        "from bawaba.host.storage import database",
    ],
)
@pytest.mark.parametrize("room", ["rules", "domain", "rules__prices"])
def test_impure_rules_are_reported(tmp_path: Path, room: str, text: str) -> None:
    assert laws.pure(sample(tmp_path, **{room: text})) != []


def test_pure_rules_and_impure_services_pass(tmp_path: Path) -> None:
    pure = "import datetime as dt\ndef due(at: dt.datetime) -> dt.date:\n    return at.date()"
    assert laws.pure(sample(tmp_path, rules=pure, services="import random, time\nopen('x')")) == []


@pytest.mark.parametrize(
    "awaited",
    [
        "self.gateway.refund(order)",
        "gateways[name].open_checkout(order)",
        "gateway_of(payment).refund(order)",
        "http_client.get(url)",
        "payable.deliver(items)",
        "self._payables[code].find(ids, at)",
        "asyncio.sleep(1)",
        "helper()",
        "ask_agency(number)",
    ],
)
def test_waiting_inside_a_transaction_is_reported(tmp_path: Path, awaited: str) -> None:
    text = f"""
from bawaba_sample.gateway import ask_agency
async def helper():
    await session_client.post(url)
async def verb(self):
    async with transaction():
        await Row.save()
        await {awaited}
"""
    assert len(laws.nothing_slow(sample(tmp_path, services=text))) == 1


def test_waiting_outside_a_transaction_and_later_passes(tmp_path: Path) -> None:
    text = """
async def verb(self, payable):
    bills = await payable.find(ids, at)
    async with transaction():
        await payable.mark_paid(items)
        async def later():
            await self.gateway.refund(order)
        after_commit(later)
    await self.gateway.refund(order)
"""
    assert laws.nothing_slow(sample(tmp_path, services=text)) == []


def _lines(count: int) -> str:
    return "\n".join(f"    x{i} = {i}" for i in range(count))


@pytest.mark.parametrize(
    ("name", "text", "what"),
    [
        ("services", "\n" * 401, "a file"),
        ("services", f"def f():\n{_lines(60)}\n", "a function"),
        ("plugin", "declare_manifest = None\n" * 81, "a plugin.py"),
        (
            "graphql",
            f"class Q:\n  @field(permission='x')\n  def f(self):\n{_lines(9)}\n",
            "a resolver",
        ),
    ],
)
def test_what_is_too_long_is_reported(tmp_path: Path, name: str, text: str, what: str) -> None:
    found = laws.sizes(sample(tmp_path, **{name: text}))
    assert len(found) == 1
    assert what in found[0]


def test_the_exceptions_may_only_shrink(tmp_path: Path) -> None:
    package = sample(tmp_path, long="\n" * 450)
    assert laws.sizes(package, {"long.py": 450}) == []
    assert laws.sizes(package, {"long.py": 440}) != []
    assert laws.sizes(package, {"long.py": 460}) != []
    assert laws.sizes(package, {"long.py": 450, "gone.py": 500}) != []
    assert laws.sizes(sample(tmp_path, long="\n"), {"long.py": 450}) != []


def test_a_function_without_a_return_type_is_reported(tmp_path: Path) -> None:
    assert len(laws.returns(sample(tmp_path, services="def f(): ...\ndef g() -> None: ..."))) == 1
