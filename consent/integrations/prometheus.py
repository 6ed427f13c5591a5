"""Counts with ``prometheus_client``, the only module that knows it; is imported by those who use it."""

from collections.abc import Mapping

from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client import Counter as PrometheusCounter

from consent.counts import COUNTERS


class PrometheusMetrics:
    """``ConsentMiddleware(metrics=PrometheusMetrics())``: counters ``consent_decisions_total`` and so on.

    One object per registry; several middlewares may share it.
    """

    def __init__(self, registry: CollectorRegistry = REGISTRY) -> None:
        self._counters = {
            counter.name: PrometheusCounter(
                counter.name, counter.description, counter.labels, namespace="consent", registry=registry
            )
            for counter in COUNTERS
        }

    def add(self, counter: str, amount: int, labels: Mapping[str, str]) -> None:
        """Count."""
        found = self._counters[counter]
        (found.labels(**labels) if labels else found).inc(amount)
