"""The pytest plugin: options, and a suite for whoever gives one; imports nothing of it for everybody else."""

from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from consent.testing.regulator.collecting import Regulator

NAME: Final = "regulator"
"""What the node ids of the suite begin with: ``regulator::test_one_consent_surface[/]``."""

_chosen: Final = pytest.StashKey[list[str]]()
_suite: "pytest.StashKey[Regulator]" = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The site to test, and how to look at it."""
    group = parser.getgroup("consent", "the regulator suite of asgi-consent")
    add = group.addoption
    add("--consent-app", metavar="MODULE:APP", help="test this app in this process")
    add(
        "--consent-url",
        metavar="URL",
        help="test the site that answers here, in a browser (asgi-consent[audit])",
    )
    add(
        "--consent-paths",
        metavar="PATHS",
        default="/",
        help="pages to test, with commas between; by default /",
    )
    add("--consent-host", metavar="HOST", default="localhost", help="the host that the app is asked as")
    add(
        "--consent-settings",
        metavar="FILE",
        help="settings file of the site, if it publishes no declarations",
    )


def pytest_configure(config: pytest.Config) -> None:
    """With a site to test and no files named, nothing but the suite is run."""
    config.addinivalue_line("markers", f"{NAME}: tests of the regulator suite of asgi-consent")
    if not _wanted(config):
        return
    if config.option.consent_app and config.option.consent_url:
        raise pytest.UsageError("--consent-app and --consent-url came together; allowed is one at a time.")
    ours = [argument for argument in config.args if argument.partition("::")[0] == NAME]
    config.stash[_chosen] = ours
    if config.args_source is not pytest.Config.ArgsSource.ARGS:
        config.args = []
    else:
        config.args = [argument for argument in config.args if argument not in ours]


def pytest_report_header(config: pytest.Config) -> str | None:
    """What is tested."""
    if not _wanted(config):
        return None
    site = config.option.consent_app or config.option.consent_url
    how = "in this process" if config.option.consent_app else "in a browser"
    return f"consent: the regulator suite against {site} {how}, pages {config.option.consent_paths}"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(
    session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Add the suite, before anybody selects."""
    if not _wanted(config):
        return
    from consent.testing.regulator.collecting import Regulator  # noqa: PLC0415  # only who asks pays for it

    suite = config.stash[_suite] = Regulator.from_parent(session, name=NAME, nodeid=NAME)
    suite.ihook.pytest_collectstart(collector=suite)
    report = suite.ihook.pytest_make_collect_report(collector=suite)
    suite.ihook.pytest_collectreport(report=report)
    chosen = config.stash[_chosen]
    items += [item for item in report.result if not chosen or _is_among(item.nodeid, chosen)]


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave the site."""
    if suite := config.stash.get(_suite, None):
        suite.close()


def _wanted(config: pytest.Config) -> bool:
    return bool(config.option.consent_app or config.option.consent_url)


def _is_among(nodeid: str, chosen: list[str]) -> bool:
    return any(nodeid == one or nodeid.startswith((f"{one}::", f"{one}[")) for one in chosen)
