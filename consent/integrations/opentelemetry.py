"""Counts with OpenTelemetry's API, the only module that knows it; is imported by those who use it."""

from collections.abc import Mapping

from opentelemetry.metrics import MeterProvider, get_meter

from consent._version import __version__
from consent.counts import COUNTERS


class OpenTelemetryMetrics:
    """``ConsentMiddleware(metrics=OpenTelemetryMetrics())``: counters ``consent.decisions`` and so on.

    ``provider`` is by default the process's own.
    """

    def __init__(self, provider: MeterProvider | None = None) -> None:
        meter = get_meter("consent", __version__, provider)
        self._counters = {
            counter.name: meter.create_counter(
                f"consent.{counter.name}", f"{{{counter.unit}}}", counter.description
            )
            for counter in COUNTERS
        }

    def add(self, counter: str, amount: int, labels: Mapping[str, str]) -> None:
        """Count."""
        self._counters[counter].add(amount, labels)
