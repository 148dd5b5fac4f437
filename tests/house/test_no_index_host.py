"""No committed file names a package index's host: builds take them from the environment."""

from __future__ import annotations

import re
from typing import Any

_HOSTS = re.compile(
    "|".join(
        ("pypi\\.org", "pythonhosted", "registry\\.npm", "npmjs\\.", "--(extra-)?index-url[ =]")
    ),
    re.IGNORECASE,
)
_SCHEME = re.compile("://[a-z.]*(" + "|".join(("pypi", "pythonhosted", "npm")) + ")")


def test_no_file_names_an_index(house: Any) -> None:
    found = []
    for path in house.files:
        text = path.read_bytes().decode(errors="ignore")
        found += [f"{path}: {hit[0]}" for hit in (_HOSTS.search(text), _SCHEME.search(text)) if hit]
    assert found == []


def test_no_lock_file_is_committed(house: Any) -> None:
    assert [path for path in house.files if path.name == "uv.lock"] == []


def test_no_file_is_left_unfinished(house: Any) -> None:
    marks = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX)\b|NotImplemented" r"Error")
    found = [
        f"{path}:{number}"
        for path in house.files
        if path.suffix == ".py"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if marks.search(line)
    ]
    assert found == []
