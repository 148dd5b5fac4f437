"""No committed file names a package index's host: builds take them from the environment."""

from __future__ import annotations

import re
from typing import Any

# Written backwards, so that this file is not its own first finding.
_INDEX, _FILES, _NODE = (word[::-1] for word in ("ipyp", "detsohnohtyp", "mpn"))
_HOSTS = re.compile(
    rf"{_INDEX}\.org|{_FILES}|registry\.{_NODE}|{_NODE}js\.|--(extra-)?index-url[ =]|"
    rf"://[a-z.]*({_INDEX}|{_FILES}|{_NODE})",
    re.IGNORECASE,
)


def test_no_file_names_an_index(house: Any) -> None:
    texts = ((path, path.read_bytes().decode(errors="ignore")) for path in house.files)
    assert [f"{path}: {hit[0]}" for path, text in texts if (hit := _HOSTS.search(text))] == []


def test_no_lock_file_is_committed(house: Any) -> None:
    assert [path for path in house.files if path.name == "uv.lock"] == []


def test_no_file_is_left_unfinished(house: Any) -> None:
    words = "|".join(word[::-1] for word in ("ODOT", "EMXIF", "}3{X", "rorrEdetnemelpmItoN"))
    marks = re.compile(rf"\b({words})\b|mark\.(skip|xfail)\b")
    found = [
        f"{path}:{number}"
        for path in house.files
        if path.suffix == ".py"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if marks.search(line)
    ]
    assert found == []
