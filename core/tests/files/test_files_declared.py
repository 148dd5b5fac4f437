"""Purposes are checked at boot; rules without a server."""

from __future__ import annotations

from typing import Any

import pytest
from bawaba.errors import BootError
from bawaba.host import boot
from bawaba.host.files.declared import declared_purposes
from bawaba.host.files.rules import clean_name, disposition, looks_like
from bawaba.host.settings import Settings
from files_world import PURPOSE, Readers, notes


def registry(**changed: Any) -> Any:
    return boot.load_registry({"notes": notes(Readers(), **changed)}, Settings())


def test_a_sound_purpose_is_known() -> None:
    assert set(declared_purposes(registry())) == {PURPOSE}


@pytest.mark.parametrize(
    "changed",
    [
        {"name": "other.scan"},
        {"name": "notes"},
        {"permission": "notes.unknown"},
        {"media_types": frozenset({"image/svg+xml"})},
        {"media_types": frozenset()},
        {"max_bytes": 0},
    ],
)
def test_an_unsound_one_does_not_start(changed: dict[str, Any]) -> None:
    with pytest.raises(BootError) as error:
        declared_purposes(registry(**changed))
    assert error.value.plugin == "notes"


def test_names() -> None:
    assert clean_name(" cafe\u0301.png ") == "caf\u00e9.png"
    assert disposition('a"b\u0635.zip', "application/zip") == (
        "attachment; filename=\"a_b_.zip\"; filename*=UTF-8''a%22b%D8%B5.zip"
    )


def test_office_documents_are_zip() -> None:
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    assert looks_like(b"PK\x03\x04" + bytes(60), kind)
    assert not looks_like(b"%PDF-1.7", kind)
