"""Judges how a site asks, by what ``asking.js`` has seen of its layers; knows no browser."""

from collections.abc import Iterator, Mapping
from typing import Any

from consent.audit.sightings import Asking


def silent(page: str) -> Asking:
    """There is something to ask, and nothing asks."""
    return Asking(where="first layer", fault="nothing asks, although there is something to decide", page=page)


def judged(layers: Mapping[str, Mapping[str, Any]], page: str) -> Iterator[Asking]:
    """What is wrong with each of the layers that can be seen before a choice (R4, R5)."""
    for where, layer in layers.items():
        for fault in _faults(layer):
            yield Asking(where=where, fault=fault, page=page)


def _faults(layer: Mapping[str, Any]) -> Iterator[str]:
    if not layer["reject"]:
        yield "no button to reject"
    if not layer["accept"]:
        yield "no button to accept"
    if not layer["alike"]:
        yield "rejecting does not look like accepting"
    for name in layer["ticked"]:
        yield f"{name} is ticked before a choice"
