"""The attacks that fit into one request: a name, the bytes, and what must come back."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass

from abuse_client import post, request

LIMIT = "LIMIT_EXCEEDED"
PARSE = "GRAPHQL_PARSE_FAILED"
VALID = "GRAPHQL_VALIDATION_FAILED"
INPUT = "BAD_USER_INPUT"
BAD = "BAD_REQUEST"
AGENCIES = "query ($n: Int!) { agencies(first: $n) { nodes { code } } }"
IDS = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
FINES = "query ($by: TrafficFineLookupInput!) { trafficFines(by: $by, first: 1) { totalCount } }"
CANCEL = (
    'cancelPayment(input: {paymentId: "x", idempotencyKey: "abuse-abuse-abuse"}) { __typename }'
)


@dataclass(frozen=True)
class Attack:
    """One request. ``codes``: every error has one of these; empty: any code."""

    name: str
    raw: bytes
    codes: frozenset[str] = frozenset()


def refused(name: str, query: str, *codes: str, **more: object) -> Attack:
    """Return a document that must be refused with one of ``codes``."""
    return Attack(name, post(query, **more), frozenset(codes))


def body(name: str, content: bytes, *codes: str, headers: str = "") -> Attack:
    """Return a POST body that must be refused with one of ``codes``."""
    return Attack(name, request(content, headers=headers), frozenset(codes))


def deep(levels: int) -> str:
    """Return a document with fields nested to this depth; no field exists."""
    return "{x" * levels + "}" * levels


def aliased(count: int) -> str:
    """Return a document with this many aliases, all below one root field."""
    names = " ".join(f"a{n}: __typename" for n in range(count))
    return f"{{ platform {{ {names} }} }}"


def roots(count: int) -> str:
    """Return a document with this many root fields."""
    return "{ " + "__typename " * count + "}"


def directives(count: int) -> str:
    """Return a document with this many directives."""
    spread = " ".join(["... @include(if: true) { __typename }"] * count)
    return f"{{ platform {{ {spread} }} }}"


def tokens(count: int) -> str:
    """Return a valid document of exactly this many tokens."""
    return "{ nodes(ids: [" + '"x" ' * (count - 12) + "]) { __typename } }"


def characters(count: int) -> str:
    """Return a valid document of exactly this many characters."""
    text = "{ __typename }"
    return text + " " * (count - len(text))


def doubling(levels: int) -> str:
    """Return fragments that come to 2 to the power of ``levels`` fields."""
    parts = [f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(levels)]
    return "{ ...F0 } " + " ".join(parts) + f" fragment F{levels} on Query {{ __typename }}"


def introspection(levels: int) -> str:
    """Return introspection that asks for fields of types of fields."""
    inner = "name"
    for _ in range(levels):
        inner = f"fields {{ type {{ {inner} }} }}"
    return f"{{ __schema {{ types {{ {inner} }} }} }}"


def variables(text: str, query: str = IDS) -> bytes:
    """Return a body whose variables are given as JSON text."""
    return json.dumps({"query": query}).encode()[:-1] + f', "variables": {text}}}'.encode()


# Each limit: a document at it, which passes the limit, and one beyond.
LIMITS = [
    ("depth", deep(10), deep(11)),
    ("aliases", aliased(30), aliased(31)),
    ("root fields", roots(20), roots(21)),
    ("directives", directives(50), directives(51)),
    ("tokens", tokens(1000), tokens(1001)),
    ("characters", characters(15_000), characters(15_001)),
]

DOCUMENTS = [
    refused("a cycle of one fragment", "{ ...A } fragment A on Query { ...A }", VALID, LIMIT),
    refused(
        "a cycle of two fragments",
        "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
        VALID,
        LIMIT,
    ),
    refused("2^30 by fragments", doubling(30), LIMIT),
    refused("2^60 by fragments", doubling(60), LIMIT),
    refused("directive flood", "{ __typename " + "@a" * 5000 + " }", LIMIT, PARSE),
    refused("repeated directives", "{ __typename " + "@skip(if: false) " * 49 + "}", VALID),
    refused("conflicting fields", "{ " + "a: platform a: me " * 2000 + "}", LIMIT),
    refused("conflicts in tokens", "{ platform { " + "version name " * 490 + "} }", VALID, LIMIT),
    refused("many arguments", "{ node(" + "id: 1 " * 300 + ") { id } }", VALID, LIMIT),
    refused("field, many arguments", "{ " + 'node(id: "x") { id } ' * 120 + "}", LIMIT, PARSE),
    refused("comments", "#" * 20_000, LIMIT, PARSE),
    refused("commas", "," * 20_000 + "{ __typename }", LIMIT),
    refused("white space", "\n\t " * 7_000 + "{ __typename }", LIMIT),
    refused("byte order marks", "\ufeff" * 20_000 + "{ __typename }", LIMIT),
    refused("unicode", "{ " + "\u0639" * 20_000 + " }", LIMIT, PARSE),
    refused("emoji outside a string", "{ \U0001f600 }", PARSE),
    refused("a long name", "{ " + "a" * 10_000 + " }", VALID),
    refused("twenty long names", "{ " + ("a" * 700 + " ") * 20 + "}", VALID),
    refused("a long alias of nothing", "{ " + "a" * 10_000 + ": b }", VALID),
    refused("a huge integer", "{ agencies(first: " + "9" * 5000 + ") { totalCount } }"),
    refused("a huge float", "{ agencies(first: 1." + "9" * 5000 + ") { totalCount } }"),
    refused("1e400", "{ agencies(first: 1e400) { totalCount } }", VALID, INPUT),
    refused("a 100 KB string", '{ node(id: "' + "a" * 99_000 + '") { id } }', LIMIT),
    refused("a 100 KB block string", '{ node(id: """' + "a\n" * 45_000 + '""") { id } }', LIMIT),
    refused("an unclosed string", '{ node(id: "' + "a" * 5000, PARSE),
    refused("deep lists", "{ nodes(ids: " + "[" * 450 + "]" * 450 + ") { id } }"),
    refused("deep objects", "{ trafficFines(by: " + "{a: " * 240 + "1" + "}" * 240 + ") { id } }"),
    refused("deep selection", "{a" * 480 + "}" * 480, LIMIT, PARSE),
    refused("deep list type", "query ($a: " + "[" * 450 + "Int" + "]" * 450 + ") { __typename }"),
    refused("recursive introspection", introspection(12)),
    refused("a lone surrogate", '{ node(id: "\\ud800") { id } }'),
    refused("a lone surrogate, in brackets", '{ node(id: "\\u{d800}") { id } }', PARSE),
    refused("NUL in a document", "{ __typename \x00 }"),
    refused("an empty document", "", PARSE),
    refused("no such operation", "query A { __typename }", operationName="B" * 9_000),
    refused("two without a name", "query A { __typename } query B { __typename }"),
    refused("page size 101", AGENCIES, INPUT, LIMIT, VALID, variables={"n": 101}),
    refused("page size 0", AGENCIES, INPUT, LIMIT, VALID, variables={"n": 0}),
    refused("page size -1", AGENCIES, INPUT, LIMIT, VALID, variables={"n": -1}),
    refused("two payments", f"mutation {{ a: {CANCEL} b: {CANCEL} }}"),
    refused(
        "two payments by fragment",
        f"mutation {{ ...M b: {CANCEL} }} fragment M on Mutation {{ {CANCEL} }}",
    ),
    refused(
        "two payments inline",
        f"mutation {{ ... {{ a: {CANCEL} }} ... on Mutation {{ b: {CANCEL} }} }}",
    ),
]

BODIES = [
    body("over 100 KB", b'{"query": "' + b"a" * 100_001 + b'"}', LIMIT),
    body("a batch", b'[{"query": "{ __typename }"}]', BAD),
    body("a batch of 1,000", b"[" + b'{"query": "{ __typename }"},' * 1000 + b"{}]", BAD),
    body("nothing", b"", BAD),
    *(body(f"JSON {text}", text.encode(), BAD) for text in ("123", '"x"', "null", "[]", "{}")),
    body("broken JSON", b'{"query": "{ __type', BAD),
    body("JSON and more", b'{"query": "{ __typename }"} x', BAD),
    body("broken UTF-8", b'{"query": "\xff\xfe"}', BAD),
    body("overlong UTF-8", b'{"query": "\xc0\xaf"}', BAD),
    body("a lone surrogate", b'{"query": "{ a(b: \\"\\ud800\\") }"}'),
    body("UTF-16", '{"query": "{ __typename }"}'.encode("utf-16"), BAD),
    body("NaN", variables('{"ids": [NaN]}'), BAD),
    body("deep JSON", b"[" * 49_000 + b"]" * 49_000, BAD, LIMIT),
    body("deep variables", variables('{"ids": ' + "[" * 900 + "]" * 900 + "}"), BAD, LIMIT, INPUT),
    body(
        "deep objects",
        variables('{"by": ' + '{"a":' * 900 + "1" + "}" * 901, FINES),
        BAD,
        LIMIT,
        INPUT,
    ),
    body("a huge integer", variables('{"n": ' + "9" * 5000 + "}", AGENCIES), BAD, INPUT, LIMIT),
    body("1e400", variables('{"n": 1e400}', AGENCIES), BAD, INPUT, LIMIT),
    body("a surrogate in a variable", variables('{"ids": ["\\ud800"]}'), BAD, INPUT),
    body("NUL in a variable", variables('{"ids": ["\\u0000"]}'), BAD, INPUT),
    body("9,000 wrong values", variables('{"ids": [' + "{}," * 9000 + "{}]}")),
    body("query is a number", b'{"query": 1}', BAD),
    body("query is null", b'{"query": null}', BAD),
    body("variables is a list", b'{"query": "{ __typename }", "variables": []}', BAD),
    body("operationName is a number", b'{"query": "{ __typename }", "operationName": 1}', BAD),
    body("extensions is a text", b'{"query": "{ __typename }", "extensions": "x"}', BAD),
    body("not gzip", b"hello", BAD, headers="Content-Encoding: gzip\r\n"),
    body(
        "cut gzip",
        gzip.compress(b"x" * 9_000)[:-12],
        BAD,
        LIMIT,
        headers="Content-Encoding: gzip\r\n",
    ),
    body(
        "gzip bomb",
        gzip.compress(bytes(50_000_000)),
        BAD,
        LIMIT,
        headers="Content-Encoding: gzip\r\n",
    ),
    *(
        Attack(
            f"as {kind}",
            request(b'{"query": "{ __typename }"}', content_type=kind),
            frozenset({BAD}),
        )
        for kind in (
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/json; charset=utf-16",
            "application/graphql",
            "a" * 4000,
        )
    ),
    Attack(
        "GET of a mutation",
        request(method="GET", target="/graphql?query=mutation%7B__typename%7D"),
        frozenset({BAD}),
    ),
    Attack("GET without a query", request(method="GET"), frozenset({BAD})),
    Attack("PUT", request(b"{}", method="PUT"), frozenset({BAD})),
    Attack(
        "foreign origin",
        request(b'{"query": "{ __typename }"}', headers="Origin: https://evil.example\r\n"),
    ),
    *(
        Attack(
            f"forged token, {name}",
            request(b'{"query": "{ __typename }"}', headers=f"Authorization: {value}\r\n"),
            frozenset({"UNAUTHENTICATED"}),
        )
        for name, value in {
            "garbage": "Bearer garbage",
            "alg none": "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJtZSJ9.",
            "7 KB": "Bearer " + "a" * 7_000,
            "dots": "Bearer " + "." * 7_000,
        }.items()
    ),
]

# What is not HTTP as it should be: any answer but a 5xx will do, an aborted connection too.
WIRE = [
    Attack(
        "both lengths",
        b"POST /graphql HTTP/1.1\r\nHost: p\r\nConnection: close\r\nContent-Length: 4\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /x HTTP/1.1\r\n\r\n",
    ),
    Attack(
        "two lengths",
        b"POST /graphql HTTP/1.1\r\nHost: p\r\nContent-Length: 4\r\nContent-Length: 40\r\n\r\nabcd",
    ),
    Attack("negative length", b"POST /graphql HTTP/1.1\r\nHost: p\r\nContent-Length: -1\r\n\r\n"),
    Attack("huge query string", request(method="GET", target="/graphql?query=" + "a" * 100_000)),
    Attack(
        "a 100 KB token", request(b"{}", headers="Authorization: Bearer " + "a" * 100_000 + "\r\n")
    ),
    Attack("many headers", request(b"{}", headers="".join(f"X-{n}: y\r\n" for n in range(20_000)))),
    Attack(
        "bad chunk",
        b"POST /graphql HTTP/1.1\r\nHost: p\r\nTransfer-Encoding: chunked\r\n"
        b"Content-Type: application/json\r\n\r\nzz\r\n",
    ),
    Attack("no HTTP", b"\x16\x03\x01\x02\x00\x01\x00" + bytes(500)),
    Attack("NUL in a header", b"GET /graphql HTTP/1.1\r\nHost: p\r\nX: a\x00b\r\n\r\n"),
]
