"""Secret ballots: receipts, the published box, and an adversary who reads every table."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from bawaba import db
from bawaba_emeeting.rules import box
from meeting_chamber import MEMBERS, nonce

CHOICES = dict(zip(MEMBERS, ("YES", "NO", "YES", "YES", "NO", "ABSTAIN", "YES", "NO"), strict=True))
SYSTEM = {"xmin", "ctid", "cmin", "xmax", "rowid"}
BOX = """query ($m: ID!, $after: String) { meetingPublishedBox(motionId: $m) { merkleRoot
  ballots(first: 3, after: $after) { totalCount pageInfo { hasNextPage endCursor }
    nodes { commitment choice proof } } } }"""


async def cast_secretly(chamber: Any, motion: str, who: str, choice: str) -> tuple[str, str]:
    """Have a member vote; return nonce and receipt."""
    number = nonce()
    fields = {"motionId": motion, "choice": choice, "ballotNonce": number}
    payload, errors = await chamber.act(who, "CastVote", **fields)
    assert errors == []
    return number, payload["receipt"]


async def published(chamber: Any, motion: str, who: str | None = None) -> tuple[str, list[Any]]:
    """Return the root and all ballots of a box, page by page."""
    nodes: list[Any] = []
    after = None
    while True:
        found = (await chamber.look(who, BOX, m=motion, after=after))["meetingPublishedBox"]
        nodes += found["ballots"]["nodes"]
        if not found["ballots"]["pageInfo"]["hasNextPage"]:
            assert found["ballots"]["totalCount"] == len(nodes)
            return found["merkleRoot"], nodes
        after = found["ballots"]["pageInfo"]["endCursor"]


async def test_every_receipt_is_in_the_published_box(chamber: Any) -> None:
    await chamber.convened()
    motion = await chamber.opened(ballot="SECRET")
    receipts = {}
    for who, choice in CHOICES.items():
        number, receipt = await cast_secretly(chamber, motion, who, choice)
        assert receipt == hashlib.sha256(f"{motion}|{choice}|{number}".encode()).hexdigest()
        receipts[receipt] = choice
    hidden = await chamber.motion(motion, "chair")
    assert hidden["votes"] is None
    assert hidden["tally"] == {
        "yes": None, "no": None, "abstain": None, "notVoted": 0, "entitled": 8,
    }  # fmt: skip
    assert (await chamber.look("chair", BOX, m=motion))["meetingPublishedBox"] is None
    done = await chamber.closed(motion)
    assert done["tally"] == {"yes": 4, "no": 3, "abstain": 1, "notVoted": 0, "entitled": 8}
    assert done["votes"] is None
    root, ballots = await published(chamber, motion, "gallery")
    assert {each["commitment"]: each["choice"] for each in ballots} == receipts
    for each in ballots:
        assert box.proves(box.leaf(each["commitment"], each["choice"]), each["proof"], root)
        assert not box.proves(box.leaf(each["commitment"], "NO-"), each["proof"], root)


async def test_a_secret_vote_is_cast_once_and_a_retry_finds_its_receipt(chamber: Any) -> None:
    await chamber.convened()
    motion = await chamber.opened(ballot="SECRET")
    fields = {
        "motionId": motion, "choice": "YES", "ballotNonce": nonce(), "idempotencyKey": "mine",
    }  # fmt: skip
    first, _ = await chamber.act("chair", "CastVote", **fields)
    second, errors = await chamber.act("chair", "CastVote", **fields)
    assert (errors, second["receipt"]) == ([], first["receipt"])
    # The same key with another choice finds no ballot, and learns nothing of the first.
    other = fields | {"choice": "NO"}
    assert await chamber.refuses("chair", "CastVote", **other) == "MEETING_ALREADY_VOTED"
    fresh = fields | {"idempotencyKey": "another"}
    assert await chamber.refuses("chair", "CastVote", **fresh) == "MEETING_ALREADY_VOTED"
    for bad in (None, "", "short", nonce()[:-1] + "!", nonce() + "A"):
        code = await chamber.refuses(
            "member-2", "CastVote", motionId=motion, choice="YES", ballotNonce=bad
        )
        assert code == "MEETING_BAD_NONCE", bad
    assert (await chamber.closed(motion))["tally"]["yes"] == 1


async def test_unequal_weights_are_cast_as_unit_ballots(chamber: Any) -> None:
    with chamber.host.unit():
        await db.execute(
            "UPDATE meeting_member SET weight = 3 WHERE person_id = "
            "(SELECT id FROM core_person WHERE subject = 'member-3')"
        )
    await chamber.convened()
    motion = await chamber.opened(ballot="SECRET")
    number = nonce()
    payload, _ = await chamber.act(
        "member-3", "CastVote", motionId=motion, choice="NO", ballotNonce=number
    )
    assert len(set(payload["receipts"])) == 3
    assert payload["receipts"] == [box.commitment(motion, "NO", number, n) for n in range(3)]
    await cast_secretly(chamber, motion, "chair", "YES")
    done = await chamber.closed(motion)
    assert (done["tally"]["yes"], done["tally"]["no"]) == (1, 3)
    _, ballots = await published(chamber, motion)
    assert sorted(each["choice"] for each in ballots) == ["NO", "NO", "NO", "YES"]


async def test_a_small_electorate_is_warned_of(chamber: Any) -> None:
    await chamber.convened("chair", "member-2", "member-3", "member-4", "member-5")
    motion = await chamber.opened(ballot="SECRET")
    assert "unanimous" in (await chamber.motion(motion, "member-2"))["warning"]
    await chamber.closed(motion)
    await chamber.arrive("member-6")
    other = await chamber.opened(ballot="SECRET")
    assert (await chamber.motion(other))["warning"] is None


async def test_a_void_box_is_shuffled_and_kept_but_not_published(chamber: Any) -> None:
    await chamber.amend(onQuorumLoss="VOID")
    await chamber.convened("chair", "member-2", "member-3", "member-4", "member-5")
    motion = await chamber.opened(ballot="SECRET")
    await cast_secretly(chamber, motion, "chair", "YES")
    await chamber.attend("member-5", "LEFT")
    assert (await chamber.motion(motion))["status"] == "VOID"
    assert (await chamber.look("chair", BOX, m=motion))["meetingPublishedBox"] is None
    with chamber.host.unit():
        assert len(await db.fetch("SELECT choice FROM meeting_box")) == 1


async def test_an_adversary_who_reads_every_table_links_nothing(chamber: Any) -> None:
    await chamber.convened()
    motion = await chamber.opened(ballot="SECRET")
    numbers = {}
    for who, choice in CHOICES.items():
        numbers[who] = await cast_secretly(chamber, motion, who, choice)
    await chamber.closed(motion)
    with chamber.host.unit():
        tables = await _everything(db.dialect())
    # The box: one transaction wrote all of it; nothing in it is a member's or a moment's.
    rows = tables["meeting_box"]
    assert len(rows) == 8
    assert set(rows[0]) - SYSTEM == {"slot", "sealed", "commitment", "round_id", "choice"}
    assert {row["sealed"] for row in rows} == {None}
    for row in rows:  # where a ballot lies follows from what is published, and nothing else
        told = f"{row['round_id']}|{row['commitment']}".encode()
        assert row["slot"] == hashlib.sha256(told).hexdigest()
    assert len({str(row.get("xmin")) for row in rows}) == 1
    # Beside the box no table knows a receipt, a nonce, or a choice of this vote.
    secrets = {number for number, _ in numbers.values()} | {r for _, r in numbers.values()}
    for name, content in tables.items():
        told = json.dumps(content, default=str)
        if name != "meeting_box":
            assert not [s for s in secrets if s in told], name
        assert not [number for number, _ in numbers.values() if number in told], name
    # Of this vote nothing but the roll names a member, and the roll has no room for a choice.
    assert tables["meeting_ballot"] == []
    assert {frozenset(set(row) - SYSTEM) for row in tables["meeting_elector"]} == {
        frozenset({"id", "round_id", "member_id", "caster_id", "weight", "has_voted"})
    }
    assert {(row["has_voted"], row["weight"]) for row in tables["meeting_elector"]} <= {
        (True, 1), (1, 1),
    }  # fmt: skip
    # The roll tells who voted; its order must not be the box's: no ballot's place follows it.
    fingerprints = {
        row["fingerprint"]
        for row in tables["core_idempotency_key"]
        if row["operation"] == "meeting.cast"
    }
    assert len(fingerprints) == 1  # the same for YES and NO: it covers the motion alone
    results = {
        str(row["result"])
        for row in tables["core_idempotency_key"]
        if row["operation"] == "meeting.cast"
    }
    assert len(results) == 1
    for name in ("core_outbox", "core_audit", "meeting_log"):
        votes = [row for row in tables[name] if "VOTE_CAST" in json.dumps(row, default=str)]
        for row in votes:
            assert json.loads(row.get("data") or "{}") == {}, (name, row)


async def test_nothing_is_read_from_an_open_box_without_the_key(chamber: Any) -> None:
    """While voting is open a row of the box and one of the roll are of one transaction: ``xmin``.

    What lies in the box is sealed until the close, and all of one length.
    """
    await chamber.convened()
    motion = await chamber.opened(ballot="SECRET")
    receipts = {}
    for who, choice in CHOICES.items():
        _, receipts[who] = await cast_secretly(chamber, motion, who, choice)
    with chamber.host.unit():
        rows = await db.fetch("SELECT * FROM meeting_box")
    told = json.dumps(rows, default=str)
    assert len(rows) == 8
    assert {(row["commitment"], row["choice"]) for row in rows} == {(None, None)}
    assert len({len(row["sealed"]) for row in rows}) == 1
    assert not [receipt for receipt in receipts.values() if receipt in told]
    assert not {row["slot"] for row in rows} & {
        hashlib.sha256(f"{row['round_id']}|{receipt}".encode()).hexdigest()
        for row in rows
        for receipt in receipts.values()
    }


async def test_a_number_serves_again_in_another_voting_but_not_twice_in_one(chamber: Any) -> None:
    with chamber.host.unit():
        await db.execute("UPDATE meeting_member SET weight = 1")
    await chamber.convened()
    motion = await chamber.opened(ballot="SECRET")
    fields = {"motionId": motion, "choice": "YES", "ballotNonce": nonce()}
    first, _ = await chamber.act("chair", "CastVote", **fields)
    code = await chamber.refuses("member-2", "CastVote", idempotencyKey="two", **fields)
    assert code == "MEETING_USED_NONCE"
    # It decides nothing: the same key goes on with another number.
    fresh = fields | {"ballotNonce": nonce()}
    await chamber.do("member-2", "CastVote", idempotencyKey="two", **fresh)
    await chamber.closed(motion)
    await chamber.do("chair", "AnnulVoting", motionId=motion, reason="once more")
    await chamber.do("chair", "OpenVoting", motionId=motion)
    again, _ = await chamber.act("chair", "CastVote", **fields)
    assert again["receipt"] == first["receipt"]
    assert (await chamber.closed(motion))["tally"]["yes"] == 1


async def test_what_counted_in_an_annulled_voting_is_not_said_to_count(chamber: Any) -> None:
    await chamber.convened()
    for ballot, more in (("OPEN", {}), ("SECRET", {"ballotNonce": nonce()})):
        motion = await chamber.opened(ballot=ballot)
        fields = {"motionId": motion, "choice": "YES", "idempotencyKey": ballot, **more}
        await chamber.do("chair", "CastVote", **fields)
        await chamber.closed(motion)
        await chamber.do("chair", "CastVote", **fields)  # as answered before, after the close too
        await chamber.do("chair", "AnnulVoting", motionId=motion, reason="once more")
        await chamber.do("chair", "OpenVoting", motionId=motion)
        assert await chamber.refuses("chair", "CastVote", **fields) == "MEETING_OTHER_ROUND"
        assert (await chamber.motion(motion))["tally"]["notVoted"] == 8
        await chamber.closed(motion)


async def test_the_warning_is_of_who_voted_once_it_is_closed(chamber: Any) -> None:
    await chamber.convened()
    motion = await chamber.opened(ballot="SECRET")
    await cast_secretly(chamber, motion, "chair", "NO")
    assert (await chamber.motion(motion))["warning"] is None
    assert "unanimous" in (await chamber.closed(motion))["warning"]


async def test_each_round_of_a_secret_election_has_its_box(chamber: Any) -> None:
    await chamber.convened()
    motion = await chamber.proposed(ballot="SECRET", candidates=[{"name": n} for n in "ABC"])
    await chamber.do("chair", "OpenVoting", motionId=motion)
    a, b, c = (each["id"] for each in (await chamber.motion(motion))["candidates"])
    boxes: dict[int, set[str]] = {1: set(), 2: set()}

    async def vote(number: int, **said: str) -> None:
        for who, candidate in said.items():
            payload, errors = await chamber.act(
                who.replace("_", "-"), "CastVote", motionId=motion, candidateIds=[candidate],
                ballotNonce=nonce(),
            )  # fmt: skip
            assert errors == []
            boxes[number].add(payload["receipt"])

    await vote(1, chair=a, member_2=b, member_3=c, member_4=a, member_5=b)
    await chamber.closed(motion)
    await chamber.do("chair", "OpenVoting", motionId=motion)
    query = BOX.replace("$m: ID!", "$m: ID!, $round: Int").replace(
        "(motionId: $m)", "(motionId: $m, round: $round)"
    ).replace("first: 3", "first: 9")  # fmt: skip

    async def box_of(number: int | None) -> Any:
        found = (await chamber.look("gallery", query, m=motion, round=number))[
            "meetingPublishedBox"
        ]
        return found and {each["commitment"] for each in found["ballots"]["nodes"]}

    assert (await box_of(1), await box_of(None), await box_of(2)) == (boxes[1], None, None)
    await vote(2, chair=a, member_2=a, member_3=b)
    assert (await chamber.closed(motion))["outcome"] == "ELECTED"
    assert (await box_of(1), await box_of(2)) == (boxes[1], boxes[2])
    assert await box_of(None) == boxes[2]
    assert await box_of(3) is None


async def test_the_box_is_rewritten_in_an_order_of_chance(chamber: Any) -> None:
    """Rounds of the same votes in the same order: the boxes lie in different orders."""
    await chamber.convened()
    orders = set()
    for _ in range(4):
        motion = await chamber.opened(ballot="SECRET")
        places = {}
        for place, (who, choice) in enumerate(CHOICES.items()):
            _, receipt = await cast_secretly(chamber, motion, who, choice)
            places[receipt] = place
        await chamber.closed(motion)
        with chamber.host.unit():
            order = "ctid" if db.dialect() == "postgres" else "rowid"
            rows = await db.fetch(f"SELECT commitment FROM meeting_box ORDER BY {order}")
        orders.add(tuple(places[r["commitment"]] for r in rows if r["commitment"] in places))
    assert len(orders) > 1  # one in 8!^3 that chance makes them equal
    assert orders != {tuple(range(8))}


async def _everything(dialect: str) -> dict[str, list[Any]]:
    """Return every row of every table, system columns included."""
    if dialect == "postgres":
        listed = await db.fetch(
            "SELECT table_name AS name FROM information_schema.tables"
            " WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        )
        columns = (
            "xmin::text AS xmin, ctid::text AS ctid, xmax::text AS xmax, cmin::text AS cmin, *"
        )
    else:
        listed = await db.fetch("SELECT name FROM sqlite_master WHERE type = 'table'")
        columns = "rowid AS rowid, *"
    found = {}
    for row in listed:
        name = row["name"]
        if "_fts" in name or name.startswith("sqlite_") or "_search" in name:
            continue
        found[name] = await db.fetch(f'SELECT {columns} FROM "{name}"')
    return found
