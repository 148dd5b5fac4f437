"""What is not signed, sealed, addressed and fresh as agreed is refused and changes nothing."""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
from typing import Any

import orjson
import pytest
from bawaba.host.correspondence import rules
from bawaba.host.correspondence.domain import (
    MAX_SEALED,
    PLATFORM,
    RECEIPT_TYPE,
    Claims,
    Reason,
    Refused,
)
from bawaba.host.correspondence.sealing import key_of, new_key, seal, unseal
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import ECKey, OctKey
from letters_world import HOUSE, STARS, World


async def refused(world: World, sealed: str | bytes, word: str, receiver: str = HOUSE) -> None:
    """It is refused with that word, counted, and nothing was done."""
    before = world.count("bawaba_letters_refused_total", reason=word)
    status, said = await world.refusal(sealed, receiver)
    assert said == word
    assert 400 <= status < 500
    assert world.count("bawaba_letters_refused_total", reason=word) == before + 1
    assert await world.book.kept() == []
    assert await world.rows() == []


async def test_a_good_letter_is_taken(light: World) -> None:
    response = await light.taken(light.sealed(light.claims()))
    assert response.status == 200
    assert len(await light.book.kept()) == 1


@pytest.mark.parametrize("part", range(5))
async def test_no_part_of_a_sealed_letter_can_be_changed(light: World, part: int) -> None:
    sealed = light.sealed(light.claims())
    parts = sealed.split(".")
    for place in (0, len(parts[part]) // 2, len(parts[part]) - 1):
        letter = parts[part][place]
        changed = parts[part][:place] + ("A" if letter != "A" else "B") + parts[part][place + 1 :]
        tampered = ".".join([*parts[:part], changed, *parts[part + 1 :]])
        assert (await light.taken(tampered)).status in range(400, 500), (part, place)
    assert await light.book.kept() == []
    assert (await light.taken(sealed)).status == 200, "the letter itself was good"


@pytest.mark.parametrize("part", range(3))
async def test_no_part_of_the_signed_letter_can_be_changed(light: World, part: int) -> None:
    own = light.office.own(HOUSE)
    inner = unseal(
        light.sealed(light.claims()).encode(), lambda kid: own.opener(kid, light.clock.now())
    ).signed
    parts = inner.split(".")
    parts[part] = ("A" if parts[part][0] != "A" else "B") + parts[part][1:]
    assert (await light.taken(light.wrapped(".".join(parts), HOUSE))).status in {400, 401}
    assert await light.book.kept() == []


def unsigned(header: dict[str, Any], claims: Claims, signature: bytes = b"") -> str:
    parts = (orjson.dumps(header), rules.write_claims(claims), signature)
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


async def test_no_algorithm_but_the_keys_own(light: World) -> None:
    claims = light.claims()
    signing = light.office.own(PLATFORM).signer
    typ = {"typ": "bawaba-letter+jwt", "kid": signing.kid}
    await refused(
        light, light.wrapped(unsigned(typ | {"alg": "none"}, claims), HOUSE), "UNREADABLE"
    )
    public = orjson.dumps(signing.as_dict(private=False))
    confused = jws.serialize_compact(
        typ | {"alg": "HS256"}, rules.write_claims(claims), OctKey.import_key(public)
    )
    await refused(light, light.wrapped(confused, HOUSE), "UNREADABLE")
    relabelled = unsigned(typ | {"alg": "ES256"}, claims, b"\0" * 64)
    await refused(light, light.wrapped(relabelled, HOUSE), "FOREIGN")


@pytest.mark.parametrize(
    "header",
    [
        {"enc": "A128GCM"},
        {"alg": "ECDH-ES"},
        {"zip": "DEF"},
        {"cty": "text"},
        {"apu": "QQ"},
        {"jku": "https://evil.example/keys"},
    ],
)
async def test_no_seal_but_the_agreed_one(light: World, header: dict[str, str]) -> None:
    signed = unsigned({"alg": "ES256"}, light.claims())
    await refused(light, light.wrapped(signed, HOUSE, **header), "UNREADABLE")


async def test_a_key_that_comes_with_the_letter_is_not_believed(light: World) -> None:
    evil = ECKey.generate_key("P-256")
    claims = light.claims()
    for extra in ({"jwk": evil.as_dict(private=False)}, {"x5u": "https://evil.example"}):
        header = {"alg": "ES256", "kid": evil.thumbprint(), "typ": "bawaba-letter+jwt", **extra}
        registry = jws.JWSRegistry(algorithms=["ES256"])
        signed = jws.serialize_compact(header, rules.write_claims(claims), evil, registry=registry)
        await refused(light, light.wrapped(signed, HOUSE), "UNREADABLE")


async def test_only_the_senders_key_signs_for_the_sender(light: World) -> None:
    await refused(light, light.sealed(light.claims(), signer=STARS), "FOREIGN")
    as_house = light.claims(sender=HOUSE, receiver=PLATFORM)
    await refused(light, light.sealed(as_house, signer=STARS), "FOREIGN", PLATFORM)
    stranger = dataclasses.replace(as_house, sender="nobody")
    await refused(light, light.sealed(stranger, signer=STARS), "FOREIGN", PLATFORM)
    between = light.claims(sender=STARS)
    await refused(light, light.sealed(between), "FOREIGN")


async def test_a_letter_for_another_is_not_taken(light: World) -> None:
    await refused(light, light.sealed(light.claims()), "UNOPENABLE", STARS)
    resealed = light.sealed(light.claims(receiver=STARS), to=HOUSE)
    await refused(light, resealed, "MISADDRESSED")


async def test_a_letter_of_another_time_is_not_taken(light: World) -> None:
    now = light.clock.now()
    for moved in (dt.timedelta(seconds=-302), dt.timedelta(seconds=62)):
        await refused(light, light.sealed(light.claims(issued_at=now + moved)), "EXPIRED")
    early = light.sealed(light.claims(issued_at=now + dt.timedelta(seconds=50)))
    assert (await light.taken(early)).status == 200


async def test_a_receipt_is_no_letter(light: World) -> None:
    await refused(light, light.sealed(light.claims(), typ=RECEIPT_TYPE), "UNREADABLE")


async def test_what_is_too_large_is_not_even_read(light: World) -> None:
    await refused(light, b"x" * (MAX_SEALED + 1), "TOO_LARGE")
    with pytest.raises(ValueError, match="too long"):
        light.sealed(light.claims(body={"say": "x" * MAX_SEALED}))
    big = light.sealed(light.claims(body={"say": "x" * 140_000}))
    assert 200_000 < len(big) < MAX_SEALED
    assert (await light.taken(big)).status == 200


@pytest.mark.parametrize("junk", [b"", b"....", b"a.b.c.d.e", "نعم".encode(), b"\0" * 99, b"{}"])
async def test_junk_is_unreadable(light: World, junk: bytes) -> None:
    await refused(light, junk, "UNREADABLE")


@pytest.mark.parametrize(
    "changed",
    [
        {"jti": "short"}, {"jti": 7}, {"iat": True}, {"iat": "now"}, {"iat": 1.5}, {"iat": 2**40},
        {"kind": "nodots"}, {"kind": "receipt"}, {"key": ""}, {"key": "x" * 201}, {"key": "a\0b"},
        {"cid": "a b"}, {"body": []}, {"body": {"half": 0.5}}, {"body": {"nul": "a\0b"}},
        {"aud": ["lighthouse"]}, {"iss": None},
    ],
)  # fmt: skip
async def test_every_claim_has_its_form(light: World, changed: dict[str, Any]) -> None:
    payload = orjson.loads(rules.write_claims(light.claims())) | changed
    await refused(light, light.forged(light.claims(), payload=payload), "UNREADABLE")


async def test_the_same_letter_twice_is_a_replay(world: World) -> None:
    sealed = world.sealed(world.claims())
    assert (await world.taken(sealed)).status == 200
    assert await world.refusal(sealed) == (409, "REPLAYED")
    again = world.claims(message_id=(await world.rows())[0]["message_id"], key="another")
    assert await world.refusal(world.sealed(again)) == (409, "REPLAYED")
    assert len(await world.book.kept()) == len(await world.rows()) == 1


async def test_no_words_of_a_letter_reach_the_log_or_the_answer(
    light: World, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    secret = "zq-secret-words"
    claims = light.claims(body={"say": secret}, kind="light.unknown")
    response = await light.taken(light.sealed(claims))
    assert (response.status, response.body) == (422, b'{"code":"UNKNOWN_KIND"}')
    light.book.down = True
    await light.taken(light.sealed(light.claims(body={"say": secret})))
    captured = capsys.readouterr()
    assert secret not in captured.out + captured.err + caplog.text


def test_keys_are_on_p256_alone() -> None:
    for strange in (ECKey.generate_key("P-384"), OctKey.generate_key()):
        with pytest.raises(ValueError, match="P-256"):
            key_of(strange.as_dict(private=True))


names = st.from_regex(r"[a-z][a-z0-9-]{0,20}", fullmatch=True)
texts = st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=50)


def values(inner: Any) -> Any:
    return st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3)


bodies = st.dictionaries(
    texts,
    st.recursive(
        st.booleans() | st.integers(-(2**53), 2**53) | texts | st.none(), values, max_leaves=8
    ),
    max_size=4,
)
SIGNING, SEALING = key_of(new_key()), key_of(new_key())


@given(sender=names, receiver=names, body=bodies, key=texts)
def test_what_is_sealed_is_what_is_read(
    sender: str, receiver: str, body: dict[str, Any], key: str
) -> None:
    at = dt.datetime(2026, 3, 1, 9, tzinfo=dt.UTC)
    if not rules.is_key(key):
        return
    said = Claims(sender, receiver, "message-1", at, "light.told", key, "c-1", body)
    sealed = seal(said, "bawaba-letter+jwt", SIGNING, SEALING)
    found = unseal(sealed.sealed.encode(), lambda kid: SEALING if kid == SEALING.kid else None)
    assert found == sealed
    assert rules.read_claims(rules.parts_of(found.signed, 3)[1], "bawaba-letter+jwt") == said
    assert rules.body_digest(said.body) == rules.body_digest(dict(reversed(said.body.items())))


@given(st.binary(max_size=300))
def test_whatever_arrives_is_refused_and_raises_nothing_else(raw: bytes) -> None:
    with pytest.raises(Refused) as refusal:
        unseal(raw, lambda _: SEALING)
    assert refusal.value.reason is Reason.UNREADABLE


@given(st.text(max_size=150))
def test_every_correlation_id_can_be_carried(value: str) -> None:
    at = dt.datetime(2026, 3, 1, 9, tzinfo=dt.UTC)
    carried = rules.correlation_of(value)
    said = Claims("platform", "a", "message-1", at, "light.told", "k", carried, {})
    read = rules.read_claims(rules.write_claims(said), "bawaba-letter+jwt")
    assert read.correlation_id == carried == rules.correlation_of(carried)
