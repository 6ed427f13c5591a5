"""`consent records stats`: what is counted, and how it is shown."""

import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.cli import charts, words
from consent.cli.stats import Statistics
from consent.cli.times import Period
from consent.records.chain import Entry, canonical
from tests.cli.evidence import Site, consent
from tests.records.test_record import RECORD
from tests.ui.markup import Element, read


def statistics(site: Site, *options: object) -> dict[str, object]:
    found = consent("records", "stats", "--records", site.path, "--json", *options)
    assert found.exit_code == 0, found.stderr
    result: dict[str, object] = json.loads(found.stdout)
    return result


def entry(**values: object) -> Entry:
    """A decision as the chain holds it."""
    body = canonical({**RECORD.as_dict(), **values})
    link = {"previous": "", "payload": "", "hash": ""}
    return Entry(position=1, id=RECORD.id, notice="n", body=body, **link)


def test_decisions_are_counted_by_what_their_records_say(site: Site) -> None:
    """Days, actions, languages, methods and the share of each category come from the records alone (R23)."""
    found = statistics(site)
    assert found["decisions"] == 6
    assert found["actions"] == {"accept": 2, "reject": 1, "save": 2, "withdraw": 1}
    assert found["days"] == [
        {"day": "2027-01-15", "accept": 1, "reject": 1, "save": 0, "withdraw": 0},
        {"day": "2027-01-16", "accept": 0, "reject": 0, "save": 0, "withdraw": 0},
        {"day": "2027-01-17", "accept": 1, "reject": 0, "save": 2, "withdraw": 1},
    ]
    assert found["categories"] == [
        {"category": "analytics", "granted": 3, "denied": 3, "share": 0.5},
        {"category": "marketing", "granted": 2, "denied": 4, "share": 0.3333},
        {"category": "preferences", "granted": 2, "denied": 4, "share": 0.3333},
    ]
    assert found["languages"] == [
        {"language": "en", "accept": 2, "reject": 0, "save": 1, "withdraw": 1},
        {"language": "de", "accept": 0, "reject": 1, "save": 1, "withdraw": 0},
    ]
    assert [row["method"] for row in found["methods"]] == ["banner", "dialog", "policy"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("options", "decisions"),
    [
        (["--since", "2027-01-16"], 4),
        (["--until", "2027-01-16"], 2),
        (["--until", "2027-01-15"], 2),
        (["--since", "2027-01-17T08:00", "--until", "2027-01-17T09:00"], 3),
        (["--since", "2027-01-17T09:00:00+01:00"], 4),
        (["--since", "2027-01-17T08:00:00.001"], 1),
        (["--since", "2028-01-01"], 0),
    ],
)
def test_a_period_takes_in_its_last_day(site: Site, options: list[str], decisions: int) -> None:
    """From a day or moment on, up to the end of a day or before a moment, in UTC."""
    assert statistics(site, *options)["decisions"] == decisions


def test_removed_records_are_told_of_and_not_counted(site: Site) -> None:
    """What was purged is a number, as nobody knows any more what it was (R26)."""
    consent("records", "purge", "--records", site.path, "--before", "2027-01-16", "--force", "--yes")
    found = statistics(site)
    assert (found["decisions"], found["removed"]) == (4, 2)
    assert ", 17 Jan 2027; 2 removed" in consent("records", "stats", "--records", site.path).stdout


def test_the_terminal_draws_bars(site: Site) -> None:
    """Each figure has a bar of letters, which differ by action and not in colour only."""
    shown = consent("records", "stats", "--records", site.path).stdout
    assert "6 decisions, 15 Jan 2027 to 17 Jan 2027" in shown
    [longest] = [line for line in shown.splitlines() if line.startswith("17 Jan 2027")]
    assert longest.split() == ["17", "Jan", "2027", "4", "████████▚▚▚▚▚▚▚▚▚▚▚▚▚▚░░░░░░░░"]
    for said in ("Accept all", "33.3 %", "Advertising", "German (de)", "Policy page"):
        assert said in shown


def test_a_terminal_without_unicode_gets_ascii(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bars are drawn with whatever letters the terminal has."""
    monkeypatch.setattr("rich.console.ConsoleOptions.ascii_only", property(lambda _: True))
    shown = consent("records", "stats", "--records", site.path).stdout
    assert "########++++++++++++++........" in shown


def test_nothing_to_count_is_no_error(site: Site, folder: Path) -> None:
    """An empty period is told of, in the terminal and in the report."""
    found = consent("records", "stats", "--records", site.path, "--until", "2020-01-01", "--html", "r.html")
    assert (found.exit_code, found.stdout.strip()) == (0, "0 decisions")
    page = read((folder / "r.html").read_text())
    assert "No decisions in this period" in page.text
    assert page.all("section") == []


# --- the report -----------------------------------------------------------------------------------


@pytest.fixture
def report(site: Site, folder: Path) -> str:
    found = consent("records", "stats", "--records", site.path, "--html", "report.html", "--json")
    assert (found.exit_code, found.stderr.strip()) == (0, "The report is in report.html.")
    return (folder / "report.html").read_text()


def test_the_report_needs_nothing_else(report: str) -> None:
    """One file: no script, no address that is fetched, and a policy that would forbid both."""
    page = read(report)
    assert page.all("script") + page.all("link") + page.all("img") == []
    assert "http" not in report.replace("http-equiv", "")
    assert [*filter(None, (element["src"] or element["href"] for element in page.walk()))] == []
    policy = page.one("meta", **{"http-equiv": "Content-Security-Policy"})
    assert policy["content"] == "default-src 'none'; style-src 'unsafe-inline'"


def test_every_chart_has_a_name_a_description_and_a_table(report: str) -> None:
    """Whoever cannot see a chart is told what it shows and gets the same figures (R51)."""
    sections = read(report).all("section")
    assert len(sections) == 4
    for section in sections:
        [chart] = section.all("svg", role="img")
        names = [section.one("title", id=chart["aria-labelledby"].split()[0])]  # type: ignore[union-attr]
        names.append(section.one("desc", id=chart["aria-labelledby"].split()[1]))  # type: ignore[union-attr]
        assert all(name.text for name in names)
        assert section.one("table").one("caption").text


def test_charts_and_tables_show_the_same_figures(report: str, site: Site) -> None:
    """The lengths of the bars are the shares of the table, and both are those of the records."""
    time, category, language, _ = read(report).all("section")
    assert cells(time)[1:] == [
        ["15 Jan 2027", "1", "1", "0", "0", "2"],
        ["16 Jan 2027", "0", "0", "0", "0", "0"],
        ["17 Jan 2027", "1", "0", "2", "1", "4"],
    ]
    told = [group.one("title").text for group in time.all("g")]
    assert told[1:] == ["16 Jan 2027: no decisions", "17 Jan 2027: Accept all 1, Own selection 2, Withdraw 1"]
    assert ["Advertising", "2", "4", "33.3 %"] in cells(category)
    widths = [(rect["class"], rect["width"]) for rect in category.one("svg", role="img").all("rect")]
    assert widths[2:4] == [("ink granted", "33.333%"), ("ink denied", "66.667%")]
    assert ["German (de)", "0", "1", "1", "0", "2"] in cells(language)


def cells(section: Element) -> list[list[str]]:
    rows = section.one("table").all("tr")
    return [[cell.text for cell in row.children if isinstance(cell, Element)] for row in rows]


def test_actions_can_be_told_apart_without_colour(report: str) -> None:
    """Each has a pattern of its own, shown beside its name."""
    page = read(report)
    assert {pattern["id"] for pattern in page.all("pattern")} == {"reject", "save", "withdraw"}
    legend = [item.text for item in page.all("section")[0].one("ul").all("li")]
    assert legend == ["Accept all", "Reject all", "Own selection", "Withdraw"]


def test_words_of_the_site_stay_words(folder: Path) -> None:
    """A name with markup in it is shown, in the page and in the terminal, and does nothing."""
    made = Site(folder / "odd.sqlite3", controller="<b>[red]Post & Co")
    made.visitor().decides("accept")
    made.keep()
    shown = consent("records", "stats", "--records", made.path, "--html", "odd.html")
    assert shown.exit_code == 0
    assert "&lt;b&gt;[red]Post &amp; Co" in (folder / "odd.html").read_text()


def test_a_report_that_cannot_be_written_is_told_of(site: Site) -> None:
    """A folder that is not there is one sentence, and no half of a file."""
    found = consent("records", "stats", "--records", site.path, "--html", "missing/r.html")
    assert found.exit_code == 2
    assert found.stderr == "consent: missing/r.html: the file cannot be written: No such file or directory.\n"


# --- counting and drawing, without a store -----------------------------------------------------------


def test_long_times_are_counted_by_longer_steps() -> None:
    """A chart has so many columns and no more: days become weeks, months, and in the end years."""
    for days, step, columns in ((92, "day", 92), (93, "week", 14), (700, "month", 24), (9_000, "year", 25)):
        counted = Statistics()
        for day in (0, days - 1):
            counted.count([entry(time=(datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day)).isoformat())])
        found, stretches = counted.stretches(92)
        assert (found, len(stretches)) == (step, columns)
        assert sum(stretch.total for stretch in stretches) == 2
    assert Statistics().stretches(92) == ("day", [])


@given(st.dates(date(1990, 1, 1), date(2060, 1, 1)), st.integers(0, 800))
def test_every_step_holds_every_day(first: date, days: int) -> None:
    """Whatever the step, the stretches follow each other and hold all that was counted."""
    counted = Statistics(days={first: Counter(save=2), first + timedelta(days=days): Counter(reject=1)})
    for most in (1_000_000, days // 7 + 2, days // 28 + 2, 1):
        _, stretches = counted.stretches(most)
        starts = [stretch.start for stretch in stretches]
        assert starts == sorted(set(starts))
        assert sum(stretch.total for stretch in stretches) == sum(map(Counter.total, counted.days.values()))


def test_names_are_learnt_from_notices_in_english_if_there_are_any() -> None:
    """Categories are told from services by what visitors saw; what is no notice of ours teaches nothing."""
    counted = Statistics()
    shown = {"language": "de", "controller": "Post", "categories": [
        {"id": "a", "name": "Messung", "services": [{"id": "s"}]}]}  # fmt: skip
    for text in (
        json.dumps(shown),
        json.dumps({**shown, "language": "en", "categories": [{"id": "a", "name": "Counting", "services": []}]}),
        json.dumps({**shown, "language": "fr", "categories": [{"id": "a", "name": "Mesure", "services": []}]}),
        "no JSON", "[]", "{}",
    ):  # fmt: skip
        counted.learn(text)
    counted.count([entry(granted=["a", "s", "necessary"], denied=["old"])])
    assert [(one.name, one.share) for one in counted.categories] == [("Counting", 1.0), ("old", 0.0)]
    assert counted.controllers == {"Post"}


@given(st.integers(0, 10_000_000))
def test_axes_end_in_round_numbers(most: int) -> None:
    """At most five numbers, the last of which is not passed by any column."""
    ticks = charts.scale(most)
    assert 2 <= len(ticks) <= 5
    assert ticks[0] == 0
    assert most <= ticks[-1] <= max(1, 2.5 * most)


COUNTS = st.fixed_dictionaries({kind: st.integers(0, 10_000) for kind in words.ACTIONS})


@given(st.lists(COUNTS, min_size=1, max_size=92))
def test_columns_stand_side_by_side_and_none_is_too_tall(groups: list[dict[str, int]]) -> None:
    """Blocks lie on each other and inside the chart; what is there at all is seen."""
    drawn = charts.series(
        [(str(index), counts) for index, counts in enumerate(groups)], times=["x"] * len(groups)
    )
    for left, right in pairwise(drawn.columns):
        assert left.left + left.width < right.left
    for column, counts in zip(drawn.columns, groups, strict=True):
        assert [block.kind for block in column.blocks] == [kind for kind, count in counts.items() if count]
        assert all(block.size >= 1 and block.start >= -0.01 for block in column.blocks)
        assert all(block.start + block.size <= charts.HEIGHT + 1 for block in column.blocks)
    assert len(drawn.times) == min(charts.MAX_LABELS, len(groups))
    assert all(0 < label.at < 100 for label in drawn.times)


@given(COUNTS)
def test_a_bar_is_divided_without_a_rest(counts: dict[str, int]) -> None:
    """The parts follow each other and make up the whole."""
    blocks = charts.parts(counts)
    for one, next_one in pairwise(blocks):
        assert one.start + one.size == pytest.approx(next_one.start, abs=0.01)
    assert not blocks or blocks[-1].start + blocks[-1].size == pytest.approx(100, abs=0.01)


def test_everything_has_an_english_name() -> None:
    """Languages, times and figures are told as people say them; an unknown language by its tag."""
    assert [words.language(tag) for tag in ("pt-BR", "xx", "?")] == ["Portuguese (Brazil) (pt-BR)", "xx", "?"]
    day = date(2026, 11, 2)
    assert [words.stretch(day, step) for step in ("day", "week", "month", "year")] == [
        "2 Nov 2026", "Week of 2 Nov 2026", "Nov 2026", "2026",
    ]  # fmt: skip
    assert [words.axis(day, step) for step in ("day", "week", "month", "year")] == [
        "2 Nov", "Nov 2026", "Nov 2026", "2026",
    ]  # fmt: skip
    assert words.span([day], Period()) == "2 Nov 2026"
    assert words.span([day], Period.parse("2026-11-01", "2026-11-30")) == "1 Nov 2026 to 30 Nov 2026"
    assert (words.percent(1, 3), words.percent(0, 0)) == ("33.3 %", "-")
    assert words.cut("A category with a name for which no line has room") == "A category with a name for…"


def test_a_record_is_counted_on_its_day_in_utc() -> None:
    """Whatever offset a record's time was written with."""
    counted = Statistics()
    counted.count([entry(time="2027-01-15T00:30:00+01:00")])
    assert [*counted.days] == [date(2027, 1, 14)]
