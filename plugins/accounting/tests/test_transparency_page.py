"""The public page and its sheets, as browsers and scripts get them, on both databases."""

from __future__ import annotations

import asyncio
import base64
import csv
import datetime as dt
import hashlib
import io
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from bawaba import catalogue, db
from bawaba.money import fils_of
from bawaba.text import Text
from bawaba_accounting.rules.words import money
from bawaba_accounting.services import transparency, verify

COUNT, AMOUNT = "2,147,942", "157,609,522.000"
EVIL = '</text></svg><script>alert(1)</script><img src="http://evil.example/x" onerror=\'x\'>&"'
VOID = {"meta", "input", "br", "link", "img"}
CSV = "/transparency/statistics.csv"


class Page(HTMLParser):
    """A page whose tags must nest; with what it would load, run and name."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.ids: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.inline: dict[str, list[str]] = {"script": [], "style": []}
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            self.attributes.append((tag, name, value or ""))
            if name == "id":
                self.ids.append(value or "")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in self.inline:
            self.inline[self.open[-1]].append(data)
        else:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


async def page(portal: Any, path: str = "/transparency", **headers: str) -> tuple[Any, str]:
    answer = await portal.browser.get(path, headers=headers)
    assert answer.status == 200, await answer.text()
    return answer, await answer.text()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at the chain's head at every request."""
    monkeypatch.setattr(transparency, "FRESH", 0.0)


async def test_both_languages_show_the_reported_totals_and_ranking(portal: Any) -> None:
    english, text = await page(portal, "/transparency", **{"Accept-Language": "en"})
    assert '<html lang="en" dir="ltr">' in text
    assert english.headers["Content-Language"] == "en"
    shown = Page(text).text
    for words in (COUNT, f"BHD {AMOUNT}", "Ranking of the services", "Balanced", "brought forward"):
        assert words in shown, words
    arabic, text = await page(portal, "/transparency", **{"Accept-Language": "ar-BH,en;q=0.3"})
    assert '<html lang="ar" dir="rtl">' in text
    assert "Accept-Language" in arabic.headers["Vary"]
    shown = Page(text).text
    for words in (COUNT, f"{AMOUNT} د.ب.", "ترتيب الخدمات", "متوازن", "مُرحَّلة", "توضيحي"):
        assert words in shown, words
    chosen, text = await page(portal, "/transparency?lang=ar", **{"Accept-Language": "en"})
    assert chosen.headers["Content-Language"] == "ar"
    rows = re.findall(r'<th scope="row"><bdi>([^<]*)</bdi><small>', text)
    assert rows == [
        "المخالفات المرورية",
        "فواتير الكهرباء والماء",
        "خدمات موظفي الخدمة المدنية",
        "خدمات بريد البحرين",
    ]
    ranks = re.findall(r'<td class="n">(\d)</td><td class="n">(\d)</td><th', text)
    assert ranks == [("1", "1"), ("2", "2"), ("3", "3"), ("4", "4")]


async def test_every_figure_is_that_of_graphql(portal: Any) -> None:
    await portal.settle("one")
    _, text = await page(portal, "/transparency?lang=en")
    shown = Page(text).text
    asked = (
        "{ accountingStatistics(groupBy: [%s]%s) "
        "{ asOf total { count amount { amount } } groups { count amount { amount } } } }"
    )
    for by in ("SERVICE", "CHANNEL", "YEAR"):
        found = await portal.ask(asked % (by, ""))
        assert found["groups"]
        for group in found["groups"]:
            assert f"{group['count']:,} {money(fils_of(group['amount']['amount']))}" in shown, by
        assert f"{found['total']['count']:,}" in shown
        assert f'data-count="{found["total"]["count"]}"' in text
    months = ', filter: {from: "2023-02-01"}'
    found = await portal.ask(asked % ("MONTH", months))
    assert len(found["groups"]) == 24
    for group in found["groups"]:
        assert f"{group['count']:,} {money(fils_of(group['amount']['amount']))}" in shown
    stated = re.search(r'data-as-of="([^"]+)"', text)
    assert stated is not None
    assert dt.datetime.fromisoformat(stated[1]) == dt.datetime.fromisoformat(found["asOf"])
    with portal.unit():
        overview = await transparency.overview()
    assert (overview.forwarded.count, overview.total.count) == (2_147_942, 2_147_943)
    assert overview.is_balanced


async def test_the_page_is_well_formed_and_runs_and_loads_what_its_policy_allows(
    portal: Any,
) -> None:
    for language in ("en", "ar"):
        answer, text = await page(portal, f"/transparency?lang={language}")
        read = Page(text)
        assert len(read.ids) == len(set(read.ids))
        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert policy.startswith("default-src 'none'; ")
        for kind, source in (("script", "script-src"), ("style", "style-src")):
            (inline,) = read.inline[kind]
            digest = base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()
            assert f"{source} 'sha256-{digest}'" in policy
        for tag, name, value in read.attributes:
            assert name not in {"src", "srcset", "style", "background"}, (tag, name)
            assert not name.startswith("on"), (tag, name)
            if name in {"href", "action"}:
                assert re.match(r"\?lang=|transparency/statistics\.csv", value), value
        assert "//" not in "".join(read.inline["style"])
        assert "url(" not in text
        assert "@import" not in text
        assert "http-equiv" not in text


async def test_plots_are_named_have_tables_and_the_page_can_be_printed(portal: Any) -> None:
    _, text = await page(portal, "/transparency?lang=en")
    assert text.count("<svg ") == 9
    assert text.count('role="img"') == 9
    assert text.count("<desc ") == 9
    ids = set(Page(text).ids)
    for named in re.findall(r'aria-labelledby="([^"]+)"', text):
        assert set(named.split()) <= ids
    assert {"t-channels", "t-years", "t-months"} <= ids
    assert "<caption>Ranking of the services</caption>" in text
    assert "@media print" in text
    assert "size: A4" in text
    assert "prefers-color-scheme: dark" in text


async def test_words_of_others_are_escaped(portal: Any, impatient: None) -> None:
    with portal.unit():
        await catalogue.register_historic(
            [catalogue.Agency("evil", Text(EVIL, EVIL))],
            [catalogue.Service("evil", "evil", Text(EVIL, EVIL), Text("", ""))],
        )
    await portal.settle("evil", 10**12, service="evil")
    for language in ("en", "ar"):
        _, text = await page(portal, f"/transparency?lang={language}")
        read = Page(text)
        assert len(read.inline["script"]) == 1
        assert "<img" not in text
        assert not any(name == "src" for _, name, _ in read.attributes)
        assert "&lt;script&gt;" in text
    answer = await portal.browser.get("/transparency", params={"lang": EVIL})
    assert "<img" not in await answer.text()
    sheet = await portal.browser.get(f"{CSV}?group=service&lang=en")
    (evil,) = [
        row
        for row in csv.DictReader(io.StringIO(await sheet.text(), newline=""))
        if row["Service code"] == "evil"
    ]
    assert evil["Service"] == EVIL


async def test_more_services_than_a_plot_holds_are_one_line(portal: Any, impatient: None) -> None:
    for number in range(60):
        await portal.settle(f"r{number}", 1000 + number, service=f"small-{number:02d}")
    _, text = await page(portal, "/transparency?lang=en")
    shown = Page(text).text
    assert "Other services (55)" in shown  # of the plots
    assert "Other services (15)" in shown  # of the ranking
    assert text.count("<tr>") < 150


async def test_empty_books_and_a_check_that_found_a_fault(
    portal: Any, impatient: None, statement: Any
) -> None:
    with portal.unit():
        await verify.run({})
    _, text = await page(portal, "/transparency?lang=en")
    assert "Intact" in Page(text).text
    with portal.unit():
        head = (await verify.last_run() or {})["head_hash"]
        assert f'<code dir="ltr">{head}</code>' in text
        await statement("UPDATE accounting_balance SET debits = debits + 1")
        await verify.run({})
    portal.clock.advance(seconds=1)
    _, text = await page(portal, "/transparency?lang=en")
    assert "A fault was found" in Page(text).text
    assert "Intact" not in Page(text).text
    await portal.settle("after")
    _, text = await page(portal, "/transparency?lang=ar")
    assert "غير متوازن" in Page(text).text


async def test_a_reader_who_has_it_is_told_so(portal: Any, impatient: None) -> None:
    first, text = await page(portal, "/transparency?lang=en")
    tag = first.headers["ETag"]
    again = await portal.browser.get("/transparency?lang=en", headers={"If-None-Match": tag})
    assert again.status == 304
    assert again.headers["ETag"] == tag
    assert await again.read() == b""
    other = await portal.browser.get("/transparency?lang=ar", headers={"If-None-Match": tag})
    assert other.status == 200
    head = await portal.browser.head("/transparency?lang=en")
    assert (head.status, await head.read()) == (200, b"")
    assert head.headers["ETag"] == tag
    plain = await portal.browser.get(
        "/transparency?lang=en", headers={"Accept-Encoding": "gzip;q=0"}
    )
    assert "Content-Encoding" not in plain.headers
    assert plain.headers["ETag"] == tag.replace("-gz", "")
    assert await plain.text() == text
    assert first.headers["Cache-Control"] == "public, max-age=1"
    fragment, part = await page(portal, "/transparency/figures?lang=en")
    assert part.lstrip().startswith('<div id="figures"')
    assert part.strip() in text
    await portal.settle("more")
    moved, _ = await page(portal, "/transparency/figures?lang=en")
    assert moved.headers["ETag"] != fragment.headers["ETag"]


async def test_a_crowd_is_one_reader_to_the_database(
    portal: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for table in ("accounting_journal", "accounting_posting", "accounting_activity"):
        assert table not in transparency.OVERVIEW
    reads = []
    real = transparency.overview

    async def counted() -> Any:
        reads.append(1)
        return await real()

    monkeypatch.setattr(transparency, "overview", counted)
    watcher = transparency.Watcher(clock=lambda: moment)
    moment = 100.0
    with portal.unit():
        seen = await asyncio.gather(*(watcher.now() for _ in range(1000)))
        assert len({id(each) for each in seen}) == len(reads) == 1
        moment += 10  # the head stands: it is looked at, and nothing is added up again
        assert await watcher.now() is seen[0]
        await portal.settle("next")
        assert await watcher.now() is seen[0]
        moment += transparency.FRESH
        moved = await asyncio.gather(*(watcher.now() for _ in range(1000)))
    assert len(reads) == 2
    assert moved[0].overview.total.count == seen[0].overview.total.count + 1


async def test_while_the_database_is_away_the_last_figures_stay(
    portal: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    watcher = transparency.Watcher(clock=lambda: moment)
    moment = 0.0

    async def away() -> Any:
        raise db.StorageUnavailable("away")

    with portal.unit():
        seen = await watcher.now()
        monkeypatch.setattr(verify, "last_run", away)
        moment += 1
        assert await watcher.now() is seen
        with pytest.raises(db.StorageUnavailable):
            await transparency.Watcher().now()
