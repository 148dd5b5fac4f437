"""An agreed list of documents: what is on it runs however it is spaced, nothing else does."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from bawaba.errors import BootError
from bawaba.host import boot
from bawaba.host.schema.engine import Engine, Rejected
from bawaba.host.server import http
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
    with pytest.raises(Rejected) as rejected:
        trusting.text_of("unknown", Language.EN)
    assert rejected.value.answer["errors"][0]["extensions"]["code"] == "DOCUMENT_NOT_TRUSTED"


@pytest.mark.parametrize(
    "text",
    [
        "query Sent { platform { version __typename } }",
        "query Sent { __typename platform { __typename version __typename } }",
        """query Version { platform { ...Parts __typename } }
        fragment Parts on Platform { version __typename }""",
    ],
)
def test_what_caches_add_does_not_count(trusting: Engine, text: str) -> None:
    assert code(trusting, text) is None
    for other in ("kind: __typename", "__typename @skip(if: true)"):
        assert code(trusting, text.replace("__typename", other)) == "DOCUMENT_NOT_TRUSTED"


def test_one_operation_of_a_file_has_an_id_too(tmp_path: Path) -> None:
    """A whole file may be longer than what one request may send."""
    place = tmp_path / "front.graphql"
    more = "".join(f"query More{n} {{ platform {{ version }} }}\n" for n in range(400))
    place.write_text(FILE + more)
    trusting = engine(tmp_path, place)
    one = "query Version {\n  platform {\n    ...Parts\n  }\n}\n\n"
    one += "fragment Parts on Platform {\n  version\n}"
    digest = hashlib.sha256(one.encode()).hexdigest()
    assert code(trusting, trusting.text_of(digest, Language.EN)) is None
    whole = hashlib.sha256((FILE + more).encode()).hexdigest()
    assert code(trusting, trusting.text_of(whole, Language.EN), "Version") == "LIMIT_EXCEEDED"


def test_apollos_manifest_is_read(tmp_path: Path) -> None:
    operations = [{"id": "abc", "name": "Sent", "type": "query", "body": SENT}]
    manifest = {"format": "apollo-persisted-query-manifest", "version": 1}
    place = tmp_path / "manifest.json"
    place.write_text(json.dumps(manifest | {"operations": operations}))
    trusting = engine(tmp_path, place)
    assert trusting.text_of("abc", Language.EN) == SENT
    assert code(trusting, SENT) is None


def test_without_a_list_an_unknown_id_asks_for_the_text(tmp_path: Path) -> None:
    """Clients of automatic persisted queries send it then, on this very word."""
    settings = boot.Settings(data_dir=tmp_path / "data", demo=True)
    for language in Language:
        with pytest.raises(Rejected) as rejected:
            boot.build(settings).engine.text_of("ab" * 32, language)
        (error,) = rejected.value.answer["errors"]
        assert error["message"] == "PersistedQueryNotFound"
        assert error["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"


def test_an_id_may_stand_in_a_query_string() -> None:
    asked: Any = SimpleNamespace(
        query={"extensions": '{"persistedQuery": {"version": 1, "sha256Hash": "abc"}}'}
    )
    assert http._from_query_string(asked).document_id == "abc"
    asked.query["query"] = SENT
    assert http._from_query_string(asked) == http.GraphQLRequest(SENT, None, None)


def test_what_is_refused_is_not_remembered(trusting: Engine) -> None:
    """It costs its sender anew each time."""
    text = "{ platform { version } }"
    assert code(trusting, text) == code(trusting, text) == "DOCUMENT_NOT_TRUSTED"
    assert not trusting.has_met(text, None)
    assert code(trusting, FILE, "Me") is None
    assert trusting.has_met(FILE, "Me")
    assert not trusting.has_met(FILE, "Version")


def test_what_does_not_fit_the_schema_stops_the_start_by_name(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.graphql"
    for text in ("{ nothing }", "{"):
        wrong.write_text(text)
        with pytest.raises(BootError, match=r"wrong\.graphql"):
            engine(tmp_path, wrong)
    (tmp_path / "empty").mkdir()
    with pytest.raises(BootError, match="holds none"):
        engine(tmp_path, tmp_path / "empty")
