"""What a consent interface costs the browser: ours and others on the same page, in alternating order."""

import json
import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, sync_playwright

from benchmarks.client import npm, visits
from benchmarks.client.contestants import CONTESTANTS, PEERS, Contestant
from benchmarks.client.metrics import tables
from benchmarks.client.site import served
from benchmarks.client.visits import Sample, focus_after_keyboard, launch, measure, take_pictures
from benchmarks.client.weights import Weight, weigh, weights_table
from benchmarks.tables import table
from tests.chromium import chromium_path

_NAMES: Final = [contestant.name for contestant in PEERS]


def add_arguments(parser: ArgumentParser) -> None:
    """What can be chosen."""
    parser.add_argument("--runs", type=int, default=9, help="how often each is visited (default 9)")
    parser.add_argument("--only", nargs="*", choices=_NAMES, default=_NAMES, help="leave the other peers out")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every sample to FILE")
    parser.add_argument("--pictures", type=Path, metavar="FOLDER", help="put pictures of all into FOLDER")


def run(options: Namespace) -> None:
    """Measure, and print the tables."""
    npm.install()
    entered = [one for one in CONTESTANTS if one not in PEERS or one.name in options.only]
    asking = [one for one in entered if one.asks]
    weights = {one.name: weigh(one) for one in asking}
    _say("Files that a first visit loads: bytes by gzip -9", weights_table(weights))
    with _browser() as browser, served() as port:
        focus = {one.name: focus_after_keyboard(browser, port, one) for one in asking}
        for one in entered if options.pictures else ():
            take_pictures(browser, port, one, options.pictures)
        samples = _samples(browser, port, entered, runs=options.runs)
        conditions = _conditions(browser, runs=options.runs)
    _say(f"Medians of {options.runs} runs [and quartiles]; xN is the ratio to ours. {conditions['browser']}.")
    _say(tables(samples))
    _say("Focus after acceptance by keyboard", table(["", "on"], [[*pair] for pair in focus.items()]))
    if options.json:
        options.json.write_text(_results(conditions, weights, focus, samples), "utf-8")


def _samples(
    browser: Browser, port: int, entered: Sequence[Contestant], *, runs: int
) -> dict[str, list[Sample]]:
    """One sample of each contestant a run, in an order that is turned round from run to run."""
    samples: dict[str, list[Sample]] = {one.name: [] for one in entered}
    for number in range(runs):
        began = time.monotonic()
        for one in entered if number % 2 == 0 else reversed(entered):
            samples[one.name].append(measure(browser, port, one))
        sys.stderr.write(f"run {number + 1} of {runs}: {time.monotonic() - began:.0f} s\n")
    return samples


@contextmanager
def _browser() -> Iterator[Browser]:
    path = chromium_path()
    if path is None:
        sys.exit("Chromium is missing: install it (Debian: apt-get install chromium)")
    with sync_playwright() as playwright, launch(playwright, path) as browser:
        yield browser


def _conditions(browser: Browser, *, runs: int) -> dict[str, Any]:
    """Under which conditions was measured: milliseconds, bytes a second, CSS pixels."""
    return {
        "runs": runs,
        "browser": f"Chromium {browser.version}",
        "viewport": visits.VIEWPORT,
        "slowdown": visits.SLOWDOWN,
        "round_trip": visits.ROUND_TRIP,
        "down": visits.DOWN,
        "up": visits.UP,
        "versions": npm.versions(),
    }


def _results(
    conditions: Mapping[str, Any],
    weights: Mapping[str, Weight],
    focus: Mapping[str, str],
    samples: Mapping[str, Sequence[Sample]],
) -> str:
    files = {name: asdict(weight) for name, weight in weights.items()}
    results = {"conditions": conditions, "files": files, "focus": focus, "samples": samples}
    return json.dumps(results, indent=1) + "\n"


def _say(*paragraphs: str) -> None:
    sys.stdout.write("\n".join(paragraphs) + "\n\n")
    sys.stdout.flush()
