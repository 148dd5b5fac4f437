"""What stands in schema/ and docs/ is what would be generated."""

from __future__ import annotations

from typing import Any

from bawaba.host.schema import export


def test_the_published_schema_is_what_the_code_says(house: Any) -> None:
    found = export.differences(
        export.render(house.schema), house.root / "schema", house.root / "docs"
    )
    assert found == {}, "run `make generate`, read the change, commit it"


def test_generating_twice_gives_the_same(house: Any) -> None:
    assert export.render(house.schema) == export.render(house.schema)


def test_the_parts_hold_every_definition_once(house: Any) -> None:
    printed = export.sdl(house.schema)
    parts = "".join(export.parts(printed, house.registry).values())
    for keyword in ("type", "input", "enum", "interface", "scalar", "union"):
        lines = [line for line in printed.splitlines() if line.startswith(f"{keyword} ")]
        shown = [line for line in parts.splitlines() if line.startswith(f"{keyword} ")]
        assert sorted(lines) == sorted(shown)
