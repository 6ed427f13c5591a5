"""The cases as pytest has them: one item for each case and page, which says what to do when it fails."""

import os
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import pytest

from consent.errors import ConfigurationError
from consent.printing import visible
from consent.testing.regulator.cases import Case, cases
from consent.testing.regulator.probes import PROBES
from consent.testing.regulator.site import Breach, NotGuardedError, Site, Unjudged

_NO_BROWSER: Final = (
    "--consent-url needs a browser: pip install 'asgi-consent[audit]', then playwright install chromium."
)


class Regulator(pytest.Collector):
    """Opens the site that the options name, and collects the cases for it."""

    site: Site | None = None

    def collect(self) -> Iterator[pytest.Item]:
        """One item for each case, or for each case and page."""
        paths = [path.strip() for path in self.config.option.consent_paths.split(",")]
        if any(not path.startswith("/") for path in paths):
            came = self.config.option.consent_paths
            problem = f"--consent-paths came as {came!r}; allowed are paths such as '/,/news/today'."
            raise self.CollectError(problem)
        try:
            site = self.site = self._open(paths)
        except (NotGuardedError, LookupError, ConfigurationError) as error:
            raise self.CollectError(visible(str(error))) from None
        for case in cases():
            for path in paths if case.each_page else paths[:1]:
                name = f"test_{case.name}[{path}]" if case.each_page else f"test_{case.name}"
                yield CaseItem.from_parent(self, name=name, case=case, site=site, page=path)

    def _open(self, paths: list[str]) -> Site:
        options = self.config.option
        if options.consent_app:
            from consent.testing.regulator import in_process  # noqa: PLC0415  # needs the test client
            from consent.testing.watched import load  # noqa: PLC0415  # as above

            sys.path.insert(0, os.getcwd())  # as servers do
            app = load(options.consent_app)
            return in_process.AppSite(app, name=options.consent_app, host=options.consent_host, paths=paths)
        try:
            opening = import_module("consent.testing.regulator.opening")
        except ImportError as missing:
            raise NotGuardedError(_NO_BROWSER) from missing
        settings = Path(options.consent_settings) if options.consent_settings else None
        site: Site = opening.open_site(options.consent_url, paths=paths, settings=settings)
        return site

    def close(self) -> None:
        """Leave the site."""
        if self.site is not None:
            self.site.close()


class CaseItem(pytest.Item):
    """One case on one page."""

    def __init__(self, *, case: Case, site: Site, page: str, **values: Any) -> None:
        super().__init__(**values)
        self.case, self.site, self.page = case, site, page
        self.add_marker("regulator")
        decisions = "; ".join(str(decision) for decision in case.decisions)
        self.user_properties += [("rule", case.rule), ("decisions", decisions), ("remedy", case.remedy)]

    def runtest(self) -> None:
        """Try it, with visitors of its own."""
        if self.site.way in self.case.unjudged:
            pytest.skip(f"Cannot be judged so: {self.case.unjudged[self.site.way]}.")
        try:
            self.site.perform(PROBES[self.case.name], self.page)
        except Unjudged as reason:
            pytest.skip(visible(str(reason)))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What came, who decided that it may not be, and what to do."""
        if isinstance(excinfo.value, Breach):
            return f"{visible(str(excinfo.value))}\n\n{self.case.explain()}"
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, None, str]:
        """It stands in no file of the site."""
        return self.path, None, f"regulator: {self.name}"
