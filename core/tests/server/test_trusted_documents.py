"""An agreed list of documents: what is on it runs however it is spaced, nothing else does."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from bawaba.errors import BootError
from bawaba.host import boot
from bawaba.host.schema.engine import Engine, Rejected
from bawaba.text import Language

FILE = """
query Version { platform { ...Parts } }
query Me { me { displayName } }
fragment Parts on Platform { version }
"""
SENT = "query Sent { platform { version } }"


def engine(tmp_path: Path, place: Path) -> Engine:
    settings = boot.Settings(data_dir=tmp_path / "data", trusted_documents=place, demo=True)
    return boot.build(settings).engine


@pytest.fixture
def trusting(tmp_path: Path) -> Engine:
    place = tmp_path / "documents"
    place.mkdir()
    (place / "front.graphql").write_text(FILE)
    (place / "manifest.json").write_text(json.dumps({"abc": SENT}))
    return engine(tmp_path, place)


def code(trusting: Engine, text: str, name: str | None = None) -> str | None:
    try:
        trusting.prepare(text, name, Language.EN)
    except Rejected as rejected:
        found: str = rejected.answer["errors"][0]["extensions"]["code"]
        return found
    return None


def test_what_is_agreed_runs_whatever_its_white_space(trusting: Engine) -> None:
    assert code(trusting, FILE, "Me") is None
    assert code(trusting, FILE.replace(" ", "\n\t  # a comment\n"), "Version") is None
    alone = "fragment Parts on Platform{version}query Version{platform{...Parts}}"
    assert code(trusting, alone) is None
    assert code(trusting, SENT) is None


@pytest.mark.parametrize(
    "text",
    [
        "{ platform { version } }",
        "query Me { me { displayName id } }",
        "query Other { me { displayName } }",
        FILE.replace("displayName", "name: displayName"),
    ],
)
def test_anything_else_does_not(trusting: Engine, text: str) -> None:
    name = "Me" if "Version" in text else None
    assert code(trusting, text, name) == "DOCUMENT_NOT_TRUSTED"


def test_a_document_may_be_sent_by_its_id(trusting: Engine) -> None:
    digest = hashlib.sha256(SENT.encode()).hexdigest()
    for identifier in ("abc", digest, f"sha256:{digest}"):
        assert trusting.text_of(identifier, Language.EN) == SENT
    with pytest.raises(Rejected):
        trusting.text_of("unknown", Language.EN)


def test_what_does_not_fit_the_schema_stops_the_start_by_name(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.graphql"
    for text in ("{ nothing }", "{"):
        wrong.write_text(text)
        with pytest.raises(BootError, match=r"wrong\.graphql"):
            engine(tmp_path, wrong)
    (tmp_path / "empty").mkdir()
    with pytest.raises(BootError, match="holds none"):
        engine(tmp_path, tmp_path / "empty")
