"""What a first visit has to load for each contestant, by `gzip -9`, counted without a browser."""

import gzip
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.testclient import TestClient

from benchmarks.client.contestants import BARE, OURS, Contestant
from benchmarks.client.site import PATH, content, site_of
from benchmarks.tables import table

_ASSET: Final = re.compile(r'\s(?:href|src)="?(/consent/assets/[\w.-]+)')


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """Bytes by ``gzip -9``: of scripts, of stylesheets, and of what the page itself gains."""

    js: int
    css: int
    html: int

    @property
    def total(self) -> int:
        """All of it."""
        return self.js + self.css + self.html


def weigh(contestant: Contestant) -> Weight:
    """Ours by the files that its page names, a peer by those of its package."""
    files = (
        our_files() if contestant is OURS else {file: content(contestant, file) for file in contestant.files}
    )
    return Weight(
        js=sum(_size(file) for name, file in files.items() if name.endswith(".js")),
        css=sum(_size(file) for name, file in files.items() if name.endswith(".css")),
        html=_size(_get(contestant, PATH)) - _size(_get(BARE, PATH)),
    )


def our_files() -> dict[str, bytes]:
    """What the page that asks names, by address."""
    page = _get(OURS, PATH).decode()
    return {address: _get(OURS, address) for address in set(_ASSET.findall(page))}


def weights_table(weights: Mapping[str, Weight]) -> str:
    """All weights, with the ratio of each sum to ours."""
    ours = weights[OURS.name].total
    rows = []
    for name, weight in weights.items():
        parts = (weight.js, weight.css, weight.html, weight.total)
        rows.append([name, *(f"{part:,}" for part in parts), f"x{weight.total / ours:.1f}"])
    return table(["", "JS", "CSS", "in the page", "together", "to ours"], rows)


def _get(contestant: Contestant, address: str) -> bytes:
    """What the contestant's site sends to a browser, before it is compressed."""
    headers = {"accept-encoding": "identity", "sec-fetch-dest": "document"}
    with TestClient(site_of(contestant), base_url=f"http://{contestant.host}", headers=headers) as client:
        return client.get(address).content


def _size(file: bytes) -> int:
    return len(gzip.compress(file, 9, mtime=0))
