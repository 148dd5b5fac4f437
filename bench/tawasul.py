"""Tawasul at ten thousand and at a million cases, on PostgreSQL, side by side in one run.

Each operation is run through the GraphQL engine in turn on a small and on a large database; the
ratio of the medians is what a hundredfold history costs. The limit is 2; what finds more in the
larger history (in brackets) is shown, and may exceed it. The best open peer, DIGIT, reports 37
complaint lifecycles a second on an empty system and 6.3 at a million.

    python bench/tawasul.py [--small 10000] [--large 1000000] [--rounds 40] [--write]
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

os.environ["BAWABA_TAWASUL_DEMO_CASES"] = "0"
import page
from bawaba import db
from bawaba.graphql import Context
from bawaba.host import boot
from bawaba.host.host import Host
from bawaba.host.identity.models import Person
from bawaba.host.identity.rules import permissions
from bawaba.host.settings import Settings
from bawaba.plugin import Grant
from bawaba.testing.databases import postgres_database
from bawaba.viewer import Viewer

LIMIT = 2.0
AGENCY, CATEGORY = "works", "roads"
YEARS = 15
BACKLOG = 2_000
"""Open cases, whatever the history: what is measured is the weight of the past."""
WORDS = 20_000
WARM = 5

CASES = """
INSERT INTO tawasul_case (id, reference, kind, status, agency, category_id, category, subject, body,
  channel, address, submitter_id, submitted_at, started_at, excluded, steps, segments, pauses,
  target_minutes, first_reply_minutes, calendar, due_at, first_reply_due_at, stopped_at,
  escalates_at, resolved_at, resolved_minutes, first_resolved_at, on_time, closes_at, resolution)
SELECT lpad(to_hex(n), 32, '0'), 'TW-' || upper(lpad(to_hex(n), 10, '0')), c.kind,
  CASE WHEN open THEN 'SUBMITTED' ELSE 'CLOSED' END, c.agency, c.id, c.code,
  'Case ' || n, 'What is said.', 'PORTAL', '', 'person-' || n % 5000, at, at, '[]', 2,
  jsonb_build_array(jsonb_build_array(to_char(at, 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"'), c.agency)),
  '[]', 4350, 840, 0, at + interval '14 days', at + interval '3 days',
  CASE WHEN open THEN NULL ELSE at + interval '7 days' END,
  CASE WHEN open THEN now() + interval '30 days' END,
  CASE WHEN open THEN NULL ELSE at + interval '7 days' END,
  CASE WHEN open THEN NULL ELSE 60 * (5 + n % 40) END,
  CASE WHEN open THEN NULL ELSE at + interval '7 days' END,
  CASE WHEN open THEN NULL ELSE n % 100 >= 6 END,
  CASE WHEN open THEN NULL ELSE at + interval '21 days' END,
  CASE WHEN open THEN NULL ELSE 'DONE' END
FROM (
  SELECT n, n > $1 - $2 AS open,
    now() - make_interval(secs => ($1 - n)::float / $1 * $3 * 365 * 86400) AS at,
    1 + (hashint8(n) & 1073741823) % (SELECT COUNT(*) FROM tawasul_category) AS place
  FROM generate_series(1, $1) AS n
) AS made
JOIN (SELECT *, row_number() OVER (ORDER BY agency, code) AS place FROM tawasul_category) AS c
  USING (place)
"""
INDEXED = """
INSERT INTO tawasul_words (case_id, is_open, words)
SELECT id, stopped_at IS NULL, 'qagency' || agency || 'q ' || (SELECT string_agg(
       CASE WHEN w % 2 = 0 THEN 'word' ELSE 'شارع' END
       || floor(power(random(), 3) * $1)::int::text, ' ')
      FROM generate_series(1, 12) AS w WHERE reference <> '')
FROM tawasul_case ORDER BY submitted_at
"""
MESSAGES = """
INSERT INTO tawasul_message (id, case_id, kind, author_kind, author_id, agency, body, sent_at)
SELECT id, id, 'SUBMITTED', 'CITIZEN', submitter_id, agency, body, submitted_at FROM tawasul_case
"""
HISTORY = """
INSERT INTO tawasul_history (id, case_id, number, at, kind, status_from, status_to, public, agency,
  actor_kind)
SELECT k || right(id, 31), id, k, submitted_at, 'SUBMITTED', 'SUBMITTED', status, TRUE, agency,
  'PLATFORM'
FROM tawasul_case, generate_series(1, 2) AS k
"""
TALLIES = """
INSERT INTO tawasul_tally (id, grain, starts_on, agency, category, received, resolved,
  resolved_on_time, first_resolved, first_on_time, reopened, rated, score, hours)
SELECT grain || ':' || day || ':' || agency || ':' || category, grain, day, agency, category,
  COUNT(*), COUNT(resolved_at), COUNT(*) FILTER (WHERE on_time), COUNT(resolved_at),
  COUNT(*) FILTER (WHERE on_time), 0, 0, 0,
  jsonb_build_object('10', COUNT(resolved_at) / 2, '30', (COUNT(resolved_at) + 1) / 2)
FROM (
  SELECT 'D' AS grain, submitted_at::date AS day, * FROM tawasul_case
  UNION ALL SELECT 'M', date_trunc('month', submitted_at)::date, * FROM tawasul_case
) AS counted GROUP BY grain, day, agency, category
"""

NODE = """{ id reference kind status subject agency { code name } category { code name }
  submittedAt dueAt clock { state asOf elapsedWorkingMinutes targetWorkingMinutes pausedSince }
  escalationLevel assignee { displayName } }"""
PAGE = f"totalCount pageInfo {{ hasNextPage endCursor }} nodes {NODE}"
ROWS = """rows { agency { code } category { code } period { startsOn endsOn } received resolved
  resolvedOnTime onTimeRate medianResolutionWorkingHours reopened openNow overdueNow
  averageRating }"""
YEAR = f'from: "{time.gmtime().tm_year - 1}-01-01", to: "{time.gmtime().tm_year - 1}-12-31"'
RANGE = f'from: "{time.gmtime().tm_year - 1}-03-07", to: "{time.gmtime().tm_year}-02-20"'


def queue(asked: str = "") -> str:
    return f'{{ tawasulCases(agency: "{AGENCY}", first: 20{asked}) {{ {PAGE} }} }}'


NEWEST = ", orderBy: { field: SUBMITTED_AT, direction: DESC }"


def closed(what: str, *, order: str = NEWEST, after: str = "") -> str:
    """A page of the closed cases, of which there are a hundred times as many."""
    more = f', after: "{after}"' if after else ""
    return (
        f'{{ tawasulCases(agency: "{AGENCY}", first: 20, filter: {{ statuses: [CLOSED] }}'
        f"{order}{more}) {{ {what} nodes {NODE} }} }}"
    )


def performance(asked: str) -> str:
    return f"{{ tawasulPerformance({asked}) {{ {ROWS} }} }}"


SIMILAR = f"""{{ tawasulSimilarCases(
  agency: "{AGENCY}", category: "{CATEGORY}", first: 5, text: "word3 word1001 شارع55"
) {{ nodes {{ reference subject }} }} }}"""
QUERIES: dict[str, tuple[str, str]] = {
    "queue": ("handler", queue()),
    "queue, newest first": (
        "handler",
        queue(", orderBy: { field: SUBMITTED_AT, direction: DESC }"),
    ),
    "queue, overdue of a category": (
        "handler",
        queue(f', filter: {{ categories: ["{CATEGORY}"], clockStates: [OVERDUE] }}'),
    ),
    "search, a common word": ("handler", queue(', filter: { text: "word1" }')),
    "search, a rare Arabic word": ("handler", queue(', filter: { text: "شارع19001" }')),
    "search, two words": ("handler", queue(', filter: { text: "word11 شارع21" }')),
    "(search of history, two words)": (
        "handler",
        queue(', filter: { text: "word111 شارع21", statuses: [CLOSED] }'),
    ),
    "search, a rare English word": ("handler", queue(', filter: { text: "word19000" }')),
    "(search of history, a common word)": (
        "handler",
        queue(', filter: { text: "word1", statuses: [CLOSED] }'),
    ),
    "closed cases, newest first": ("handler", closed("pageInfo { endCursor }")),
    "closed cases, by deadline": ("handler", closed("pageInfo { endCursor }", order="")),
    "(counting all closed cases)": ("handler", closed("totalCount")),
    "export of 1,000 closed cases": (
        "handler",
        (
            f'{{ tawasulCasesExport(agency: "{AGENCY}", filter: {{ statuses: [CLOSED] }})'
            " { content } }"
        ),
    ),
    "similar cases": (
        "citizen",
        SIMILAR,
    ),
    "performance by agency": ("officer", performance(f"{YEAR}, groupBy: AGENCY")),
    "performance by category": ("officer", performance(f"{YEAR}, groupBy: CATEGORY")),
    "performance by month": (
        "officer",
        performance(f'agency: "{AGENCY}", {YEAR}, groupBy: MONTH'),
    ),
    "performance of an agency's categories": (
        "officer",
        performance(f'agency: "{AGENCY}", {YEAR}, groupBy: CATEGORY'),
    ),
    "performance, export": (
        "officer",
        f"{{ tawasulPerformanceExport({YEAR}, groupBy: CATEGORY) {{ content }} }}",
    ),
    "performance, odd days": ("officer", performance(f"{RANGE}, groupBy: AGENCY")),
}
ROLES = {
    "citizen": (),
    "handler": (Grant("tawasul-handler", AGENCY), Grant("tawasul-supervisor", AGENCY)),
    "officer": (Grant("tawasul-performance-officer"),),
}


@dataclass
class Scale:
    """A database of one size, with a host on it."""

    cases: int
    host: Host
    tenth: str = ""
    """The tenth page of the closed cases, once :meth:`turn` has found it."""

    async def turn(self) -> None:
        """Turn to the tenth page."""
        after = ""
        for _ in range(9):
            query = closed("pageInfo { endCursor }", after=after)
            answer = await self.ask("handler", query)
            after = answer["tawasulCases"]["pageInfo"]["endCursor"]
        self.tenth = closed("pageInfo { endCursor }", after=after)

    async def ask(self, who: str, query: str, variables: object = None) -> dict[str, object]:
        roles = self.host.runtime.registry.all("declare_roles")
        viewer = Viewer(person_id=f"bench-{who}", grants=permissions(ROLES[who], roles))
        with self.host.unit():
            prepared = self.host.engine.prepare(query, None, viewer.language)
            answer = await self.host.engine.execute(
                prepared, variables or {}, Context(viewer=viewer)
            )
        assert not answer.get("errors"), answer["errors"]
        return answer["data"]

    async def act(self, who: str, verb: str, **fields: object) -> str:
        query = (
            f"mutation ($input: Tawasul{verb}Input!) {{ tawasul{verb}(input: $input) "
            f"{{ case {NODE} errors {{ code }} }} }}"
        )
        payload = (await self.ask(who, query, {"input": fields}))[f"tawasul{verb}"]
        assert not payload["errors"], payload
        return payload["case"]["reference"]

    async def submit(self) -> str:
        return await self.act(
            "citizen",
            "SubmitCase",
            kind="COMPLAINT",
            agency=AGENCY,
            category=CATEGORY,
            subject="word7 شارع9",
            body="word21 شارع1001 word1",
            channel="PORTAL",
            idempotencyKey=uuid.uuid4().hex,
        )

    async def live(self) -> None:
        """One whole life: submitted, assigned, replied to, resolved, rated."""
        reference = await self.submit()
        await self.act("handler", "AssignCase", reference=reference)
        await self.act("handler", "Reply", reference=reference, body="On its way.")
        await self.act("handler", "ResolveCase", reference=reference, reason="DONE", body="Done.")
        await self.act("citizen", "RateCase", reference=reference, score=5)


async def fill(host: Host, cases: int) -> None:
    """Write the synthetic cases, with words of which few are common and most are rare."""
    with host.unit():
        for who, grants in ROLES.items():
            await Person.create(
                id=f"bench-{who}", issuer="bench", subject=who, name=who, name_ar=who,
                claims_at=0, created_at=host.runtime.clock.now(),
            )  # fmt: skip
            for number, grant in enumerate(grants):
                await db.execute(
                    "INSERT INTO core_grant (id, person_id, role, scope, granted_at) "
                    "VALUES ($1, $2, $3, $4, now())",
                    f"{who}-{number}", f"bench-{who}", grant.role, grant.scope,
                )  # fmt: skip
        await db.execute(CASES, cases, BACKLOG, YEARS)
        await db.execute(INDEXED, WORDS)
        for statement in (MESSAGES, HISTORY, TALLIES):
            await db.execute(statement)
        for table in ("case", "words", "message", "history", "tally"):
            await db.execute(f"VACUUM ANALYZE tawasul_{table}")


JOBS: dict[str, Callable[[Scale], Awaitable[object]]] = {
    **{
        name: (lambda scale, who=who, query=query: scale.ask(who, query))
        for name, (who, query) in QUERIES.items()
    },
    "submit": Scale.submit,
    "a whole life": Scale.live,
}


def serve(cases: int, pipe: Connection) -> None:
    """Make a database of one size and run on it what the pipe names; in a process of its own."""
    asyncio.run(_serve(cases, pipe))


async def _serve(cases: int, pipe: Connection) -> None:
    with tempfile.TemporaryDirectory() as folder, postgres_database(durable=True) as url:
        host = boot.build(
            Settings(data_dir=Path(folder), database_url=url, demo=True, statement_timeout=1_800.0)
        )
        async with host.opened():
            await host.load_demo(lambda *_: None)
            start = time.perf_counter()
            await fill(host, cases)
            pipe.send(time.perf_counter() - start)
            scale = Scale(cases, host)
            while (name := pipe.recv()) is not None:
                start = time.perf_counter()
                await JOBS[name](scale)
                pipe.send((time.perf_counter() - start) * 1_000)


def bench(small: int, large: int, rounds: int) -> tuple[list[list[str]], float]:
    """Print and return what each operation costs at both sizes, in turns, and the worst ratio."""
    context, pipes, children = multiprocessing.get_context("spawn"), {}, []
    for cases in (small, large):
        pipes[cases], theirs = context.Pipe()
        children.append(context.Process(target=serve, args=(cases, theirs), daemon=True))
        children[-1].start()
        print(f"{cases:,} cases made in {pipes[cases].recv():.0f} s", flush=True)
    worst = 0.0
    rows = [["milliseconds, median", f"{small:,}", f"{large:,}", "ratio"]]
    for name in JOBS:
        taken: dict[int, list[float]] = {small: [], large: []}
        for turn in range(rounds + WARM):
            for cases, pipe in pipes.items():
                pipe.send(name)
                milliseconds = pipe.recv()
                if turn >= WARM:
                    taken[cases].append(milliseconds)
        a, b = statistics.median(taken[small]), statistics.median(taken[large])
        if not name.startswith("("):
            worst = max(worst, b / a)
        rows.append([name, f"{a:.1f}", f"{b:.1f}", f"{b / a:.2f}"])
        print("  ".join(rows[-1]), flush=True)
    rows.append(["lives a second, one after another", f"{1_000 / a:.1f}", f"{1_000 / b:.1f}", ""])
    for pipe, child in zip(pipes.values(), children, strict=True):
        pipe.send(None)
        child.join()
    return rows, worst


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", type=int, default=10_000)
    parser.add_argument("--large", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--write", action="store_true", help="also into docs/performance.md")
    asked = parser.parse_args()
    rows, worst = bench(asked.small, asked.large, asked.rounds)
    text = page.table(rows)
    text += (
        f"\n\nMedian of {asked.rounds} rounds, {page.circumstances(('tortoise-orm', 'asyncpg'))}"
    )
    print(text)
    if asked.write:
        page.write("tawasul", text)
    print(f"worst ratio {worst:.2f}; limit {LIMIT}")
    sys.exit(worst > LIMIT)


if __name__ == "__main__":
    main()
