"""The command that looks at a site with a real browser: `audit`."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias
from urllib.parse import urlsplit

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from consent.audit import report as reports
from consent.audit.baseline import Baseline
from consent.audit.comparing import Finding, compare
from consent.audit.declared import Declared
from consent.audit.links import Limits
from consent.audit.proposals import propose
from consent.audit.serving import served
from consent.catalogue import Catalogue
from consent.cli import sites
from consent.cli.files import target as written
from consent.cli.terminal import output, progress, say
from consent.errors import ConfigurationError, ConsentError
from consent.printing import visible

if TYPE_CHECKING:
    from consent.audit.tour import Found

File: TypeAlias = Path | None

_Url = Annotated[
    str,
    typer.Argument(metavar="URL", help="The site: its address, or module:app, which is served meanwhile."),
]
_Paths = Annotated[
    list[str] | None, typer.Option("--path", metavar="PATH", help="Begin on this page too; several times.")
]
_Pages = Annotated[int, typer.Option(min=1, metavar="N", help="Visit at most so many pages.")]
_Depth = Annotated[int, typer.Option(min=0, metavar="N", help="Follow at most so many links in a row.")]
_Settings = Annotated[
    str | None,
    typer.Option(
        metavar="FILE", help="The settings: a TOML file, or module:attribute. By default the site is asked."
    ),
]
_Browser = Annotated[
    File, typer.Option(metavar="PATH", help="The Chromium to use; by default the first on the PATH.")
]
_Timeout = Annotated[float, typer.Option(min=1, metavar="SECONDS", help="Wait at most so long for a page.")]
_Quiet = Annotated[
    float, typer.Option(min=0.05, metavar="SECONDS", help="Leave a page when it has been quiet for so long.")
]
_Json = Annotated[File, typer.Option("--json", metavar="FILE", help="Write all of it as JSON, for programs.")]
_Html = Annotated[File, typer.Option(metavar="FILE", help="Write a report as one page of HTML.")]
_Baseline = Annotated[
    File, typer.Option(metavar="FILE", help="What this file holds is known: it is told, and is no failure.")
]
_Write = Annotated[
    File, typer.Option(metavar="FILE", help="Write a baseline of what is found, and exit with 0.")
]


def audit(  # noqa: PLR0913, PLR0917  # as many as the command has options
    url: _Url,
    paths: _Paths = None,
    pages: _Pages = 10,
    depth: _Depth = 2,
    settings: _Settings = None,
    browser: _Browser = None,
    timeout: _Timeout = 15,
    quiet: _Quiet = 0.5,
    as_json: _Json = None,
    html: _Html = None,
    baseline: _Baseline = None,
    write_baseline: _Write = None,
) -> None:
    """Compare what a site stores and contacts in a browser with what it declares.

    Exits with 1 if there is a finding; with a baseline, if there is a new one.
    """
    known = Baseline.read(baseline) if baseline else Baseline.of([])
    catalogue = sites.declared(settings, "--settings") if settings else None
    _check_paths(paths or ())
    with _address(url) as start:
        found = _visited(
            start, paths or (), Limits(pages=pages, depth=depth), (timeout, quiet), browser, catalogue
        )
    report = _report(found, known)
    _show(output(), report)
    for path, text in ((as_json, reports.told), (html, reports.page)):
        _write(path, text, report)
    _write(write_baseline, lambda one: Baseline.of(one.comparison.findings).text(), report)
    if report.new and not write_baseline:
        raise typer.Exit(1)


def _check_paths(paths: Sequence[str]) -> None:
    for path in paths:
        if not path.startswith("/") or path.startswith("//"):
            problem = f"came as {path!r}; allowed is a path on the site such as '/news'."
            raise ConfigurationError("--path", problem)


@contextmanager
def _address(url: str) -> Iterator[str]:
    """Where the site is; an app is served as long as it is looked at."""
    named = sites.in_code(url)
    if named is not None:
        app = sites.held(*named, "URL")
        if not callable(app):
            raise ConfigurationError("URL", f"{url} holds no app.")
        with served(app, url) as address:
            yield address
        return
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        problem = f"came as {url!r}; allowed is an address such as 'https://example.org/', or module:app."
        raise ConfigurationError("URL", problem)
    yield url


def _visited(
    start: str,
    paths: Sequence[str],
    limits: Limits,
    patience: tuple[float, float],
    browser: Path | None,
    catalogue: Catalogue | None,
) -> "Found":
    try:
        from consent.audit.browser import Patience, chromium  # noqa: PLC0415  # Playwright may be missing
        from consent.audit.tour import Plan, audit  # noqa: PLC0415  # as above
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "playwright":
            raise
        raise ConsentError("An audit needs more: pip install 'asgi-consent[audit]'.") from None
    plan = Plan(
        start=start, paths=paths, limits=limits, patience=Patience(limit=patience[0], quiet=patience[1])
    )
    with chromium(browser) as running, progress("Auditing", 100) as tell:
        return audit(running, plan, catalogue, lambda part: tell(int(part * 100)))


def _report(found: "Found", known: Baseline) -> reports.Report:
    observed = found.observed
    compared = compare(observed, Declared(found.catalogue, observed.host))
    return reports.Report(
        observed=observed,
        comparison=compared,
        proposal=propose(compared.findings, found.catalogue),
        known=frozenset(one.key for one in compared.findings if known.knows(one)),
        made=datetime.now(UTC),
    )


def _write(path: Path | None, text: Callable[[reports.Report], str], report: reports.Report) -> None:
    if path is not None:
        with written(path) as file:
            file.write(
                text(report).encode("utf-8", "backslashreplace").decode()
            )  # a site may answer anything
        say(f"Written to {path}.")


# --- on the terminal ------------------------------------------------------------------------------


def _show(console: Console, report: reports.Report) -> None:
    console.print(visible(reports.summary(report)), soft_wrap=True)
    for fault, findings in report.groups.items():
        console.print("", Text(reports.HEADINGS[fault], style="bold"), _table(findings, report), sep="\n")
        console.print(reports.ADVICE[fault])
    if report.proposal:
        console.print("", Text("To add to the settings", style="bold"), sep="\n")
        console.print(report.proposal, soft_wrap=True)
    if report.comparison.unseen:
        names = ", ".join(f"{item.name} ({item.service})" for item in report.comparison.unseen)
        console.print(
            "", Text("Declared, and not seen on these pages", style="bold"), visible(names), sep="\n"
        )
    for page, reason in report.observed.failed.items():
        say(f"{page} could not be visited: {reason}.")


def _table(findings: Sequence[Finding], report: reports.Report) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for heading in ("What", "Name", "Declared by", "When", "Pages"):
        table.add_column(heading, overflow="fold")
    for one in findings:
        known = " (known)" if one.key in report.known else ""
        when = ", ".join(phase.words for phase in one.seen)
        host = f" of {one.host}" if one.host else ""
        told = (
            reports.what(one),
            f"{reports.named(one)}{host}{known}",
            ", ".join(one.services) or "-",
            when or "-",
            reports.shortened(one.pages) or "-",
        )
        table.add_row(*map(visible, told))
    return table
