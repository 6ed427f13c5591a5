"""Counters by the real Prometheus client and the real OpenTelemetry SDK: what happens is counted, once."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from prometheus_client import CollectorRegistry, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from consent import ConsentMiddleware, get_consent, render_banner
from consent.counts import COUNTERS, Metrics
from consent.integrations.opentelemetry import OpenTelemetryMetrics
from consent.integrations.prometheus import PrometheusMetrics
from tests.sites import Clock, Memory, browser, decide, page, settings

Counted = Mapping[str, float]
"""Each counter as Prometheus writes it, without prefix and suffix."""


async def sets(request: Request) -> Response:
    response = JSONResponse({})
    response.raw_headers += [(b"set-cookie", b"_hm=1"), (b"set-cookie", b"odd=1"), (b"set-cookie", b"csrf=1")]
    return response


async def placed(request: Request) -> Response:
    return HTMLResponse(f"<!doctype html><title>x</title><body>{render_banner(request)}")


async def grants(request: Request) -> Response:
    await get_consent(request).grant("marketing")
    return JSONResponse({})


def counting(metrics: Metrics | None, store: Memory | None = None, **values: Any) -> TestClient:
    routes = [Route("/", page), Route("/set", sets), Route("/placed", placed), Route("/grant", grants)]
    app = ConsentMiddleware(
        Starlette(routes=routes), settings(**values), store or Memory(), Clock(), metrics=metrics
    )
    return browser(app)


def prometheus() -> tuple[Metrics, Callable[[], Counted]]:
    registry = CollectorRegistry()

    def read() -> Counted:
        return {
            sample.name.removeprefix("consent_").removesuffix("_total")
            + labelled(sample.labels): sample.value
            for metric in registry.collect()
            for sample in metric.samples
            if sample.name.endswith("_total")
        }

    return PrometheusMetrics(registry), read


def opentelemetry() -> tuple[Metrics, Callable[[], Counted]]:
    reader = InMemoryMetricReader()
    metrics = OpenTelemetryMetrics(MeterProvider([reader], shutdown_on_exit=False))

    def read() -> Counted:
        data: Any = reader.get_metrics_data()
        return {
            metric.name.removeprefix("consent.") + labelled(point.attributes): point.value
            for resource in (data.resource_metrics if data else ())
            for scope in resource.scope_metrics
            for metric in scope.metrics
            for point in metric.data.data_points
        }

    return metrics, read


def labelled(labels: Mapping[str, Any]) -> str:
    inside = ",".join(f"{name}={value}" for name, value in sorted(labels.items()))
    return f"{{{inside}}}" if inside else ""


@pytest.fixture(params=[prometheus, opentelemetry])
def metrics(request: pytest.FixtureRequest) -> tuple[Metrics, Callable[[], Counted]]:
    made: tuple[Metrics, Callable[[], Counted]] = request.param()
    return made


Setup = tuple[Metrics, Callable[[], Counted]]


def of(read: Callable[[], Counted], *names: str) -> dict[str, float]:
    """What the counters of these names are at, without those that are at zero."""
    return {name: value for name, value in read().items() if value and name.partition("{")[0] in {*names}}


def test_decisions_are_counted_by_action_and_method(metrics: Setup) -> None:
    """What took effect, and each category's verdict in it (R23)."""
    client = counting(metrics[0])
    decide(client, "accept", method="api")
    decide(client, "save", granted="analytics", method="api")
    client.get("/grant")
    assert of(metrics[1], "decisions") == {
        "decisions{action=accept,method=api}": 1,
        "decisions{action=save,method=api}": 1,
        "decisions{action=save,method=view}": 1,
    }
    assert of(metrics[1], "verdicts") == {
        "verdicts{category=preferences,verdict=granted}": 1,
        "verdicts{category=preferences,verdict=denied}": 2,
        "verdicts{category=analytics,verdict=granted}": 3,
        "verdicts{category=marketing,verdict=granted}": 2,
        "verdicts{category=marketing,verdict=denied}": 1,
    }


def test_a_category_that_was_not_decided_on_has_no_verdict(metrics: Setup) -> None:
    """Only what was said is counted (R23)."""
    decide(counting(metrics[0]), "save", granted="analytics", asked="analytics")
    assert of(metrics[1], "verdicts") == {"verdicts{category=analytics,verdict=granted}": 1}


def test_withheld_and_expired_cookies_are_counted(metrics: Setup) -> None:
    """At each gate, and each deletion that is sent (R19)."""
    client = counting(metrics[0])
    client.get("/set", headers={"cookie": "_ga=1; csrf=1; mine=2"})
    assert of(metrics[1], "cookies_withheld", "cookies_expired") == {
        "cookies_withheld{how=set}": 2,
        "cookies_withheld{how=sent}": 2,
        "cookies_expired": 1,
    }
    client.get("/set")
    assert of(metrics[1], "cookies_withheld")["cookies_withheld{how=set}"] == 4


@pytest.mark.parametrize("path", ["/", "/placed"])
def test_banners_are_counted_while_there_is_something_to_ask(metrics: Setup, path: str) -> None:
    """A page that asks is one, whoever placed it; one that confirms a choice is none (R8)."""
    client = counting(metrics[0])
    client.get("/set")
    client.get(path)
    client.get(path)
    decide(client, "reject")
    client.get(path)
    assert of(metrics[1], "banners") == {"banners": 2}


def test_refused_requests_are_counted_by_status(metrics: Setup) -> None:
    """At our own addresses; the app's errors are its own affair."""
    client = counting(metrics[0], csp="report")
    client.get("/nowhere")
    client.get("/consent/state")
    client.get("/consent/nothing")
    client.put("/consent")
    client.get("/consent/csp")
    decide(client, "accept", method="banner")
    assert of(metrics[1], "refused_requests") == {
        "refused_requests{status=404}": 1,
        "refused_requests{status=405}": 2,
        "refused_requests{status=409}": 1,
    }


def test_a_store_that_fails_is_counted(metrics: Setup) -> None:
    """Also where the refusal counts all the same (R25)."""
    store = Memory()
    store.failing = True
    client = counting(metrics[0], store)
    assert decide(client, "accept").status_code == 503
    decide(client, "reject")
    assert of(metrics[1], "store_failures", "decisions", "refused_requests") == {
        "store_failures": 2,
        "decisions{action=reject,method=api}": 1,
        "refused_requests{status=503}": 1,
    }


def test_what_visitors_send_becomes_no_label(metrics: Setup) -> None:
    """Names, paths, hosts and languages of visitors leave no trace in what is counted."""
    client = counting(metrics[0])
    client.get("/marker-1", headers={"cookie": "marker-2=marker-3", "accept-language": "marker-4"})
    client.post("/consent", data={"action": "marker-5", "method": "marker-6"})
    client.get("/consent/marker-7", headers={"host": "marker-8"})
    assert not [name for name in metrics[1]() if "marker" in name]


def test_metrics_that_fail_cost_no_request(caplog: pytest.LogCaptureFixture) -> None:
    """The site's own counters may be broken: told once, and the visitor notices nothing."""

    class Broken:
        def add(self, counter: str, amount: int, labels: Mapping[str, str]) -> None:
            raise OSError(counter)

    client = counting(Broken())
    with caplog.at_level(logging.ERROR, "consent"):
        client.get("/")
        assert decide(client, "accept").status_code == 303
    assert [line for line in caplog.messages if "metrics" in line] == [
        "The metrics failed at 'banners'; this is told once."
    ]


def test_every_counter_is_there_under_its_name_with_its_meaning() -> None:
    """Dashboards find names, units and descriptions, before anything has happened where that is possible."""
    registry = CollectorRegistry()
    PrometheusMetrics(registry)
    text = generate_latest(registry).decode()
    for counter in COUNTERS:
        assert f"# HELP consent_{counter.name}_total {counter.description}" in text
    reader = InMemoryMetricReader()
    metrics = OpenTelemetryMetrics(MeterProvider([reader], shutdown_on_exit=False))
    for counter in COUNTERS:
        metrics.add(counter.name, 1, dict.fromkeys(counter.labels, "x"))
    data: Any = reader.get_metrics_data()
    [scope] = data.resource_metrics[0].scope_metrics
    assert scope.scope.name == "consent"
    assert {(m.name, m.unit, m.description) for m in scope.metrics} == {
        (f"consent.{c.name}", f"{{{c.unit}}}", c.description) for c in COUNTERS
    }
