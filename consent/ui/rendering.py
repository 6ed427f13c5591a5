"""Turns what a visitor is told into HTML: what stands in pages, beside whole layers; knows no request."""

import re
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final

from consent.catalogue import Catalogue, asked_for
from consent.gates.elements import Embed
from consent.gates.headers import Header
from consent.gates.site_policy import ANY_TAGS, Script, Tags, tags_for
from consent.settings import ConsentSettings
from consent.signals import objectable
from consent.state import Consent
from consent.ui.checks import check_banner, check_choices
from consent.ui.content import standing_of
from consent.ui.pages import Pages
from consent.ui.press import CALLS
from consent.ui.sources import filled, query_to

_SIZES: Final = {"iframe": ("300", "150"), "audio": ("300", "54")}
"""What browsers give to embeds that do not say, in CSS pixels."""

AUDIBLE: Final = ("gpc", "dnt")
"""The signals that scripts in pages can hear; all others only the server does."""

_LENGTH: Final = re.compile(r"\d{1,5}(?:\.\d{1,3})?(?:px|%)?")

_LONGEST_KEPT: Final = 1024
"""Characters of whatever a page tells of an embed whose placeholder is kept."""


class Renderer(Pages):
    """Everything that visitors see, as strings of HTML; built once per site.

    What is the same for many visitors is rendered once and kept.
    """

    def __init__(self, settings: ConsentSettings, catalogue: Catalogue) -> None:
        super().__init__(settings, catalogue)
        self._embeds = lru_cache(maxsize=256)(self._embedded)
        self._callers = frozenset(name for told in settings.told for name in told.services)
        if self.templates.replaced:
            language = self.languages.negotiate(None)
            check_banner(self.banner(language=language, base="", return_to="/"))
            check_choices(self.choices(self._unasked, language=language, base="", return_to="/"), catalogue)

    def banner(
        self,
        *,
        language: str,
        base: str,
        return_to: str,
        consent: Consent | None = None,
        styled: bool = True,
        nonce: str | None = None,
    ) -> str:
        """The first layer: one region with one form, to stand first in ``<body>``.

        ``styled`` brings the stylesheet along, with ``nonce`` if there is one. With the standing of a
        visitor who has decided on some categories before, it asks for the others only, and names these
        to the endpoint in fields called ``asked`` (R16). What a signal of the browser denies is not asked
        for either, but told (R43).
        """
        consent = consent or self._unasked
        asked = tuple(category.id for category in self._catalogue.asked if category.id in consent.undecided)
        silent = consent.undecided | consent.objected
        html = self._kept(
            "ask.html",
            language,
            base,
            styled=styled,
            nonced=nonce is not None,
            asked=asked,
            again=any(category.id not in silent for category in self._catalogue.asked),
            signal=self._seen(consent, language),
            hidden_first=False,
        )
        return filled(html, return_to, nonce)

    def control(
        self,
        *,
        language: str,
        base: str,
        return_to: str | None = None,
        styled: bool = True,
        nonce: str | None = None,
    ) -> str:
        """The small link in the corner of every page with which visitors change their mind (R17)."""
        html = self._kept("control.html", language, base, styled=styled, nonced=nonce is not None)
        return filled(html, query_to(return_to), nonce)

    def link(self, *, language: str, base: str, return_to: str | None = None) -> str:
        """The link to the choices, for the site's own footer."""
        return filled(self._kept("link.html", language, base), query_to(return_to))

    def placeholder(
        self,
        embed: Embed,
        *,
        language: str,
        base: str,
        return_to: str,
        nonce: str | None = None,
    ) -> str:
        """What stands for a withheld embed: of its size, with its services' names and a way to allow them."""
        # Pages show the same embeds again and again; what somebody wrote at length is not kept.
        told = (embed.address, embed.title, embed.width, embed.height, embed.thumbnail)
        render = self._embeds if max(map(len, told)) <= _LONGEST_KEPT else self._embedded
        return filled(render(embed, language, base, nonce is not None), return_to, nonce)

    def _embedded(self, embed: Embed, language: str, base: str, nonced: bool) -> str:
        texts = self.languages.get(language)
        wanted = asked_for(embed.services)
        services = [
            service
            for category in self._content(language).categories
            for service in category.services
            if service.id in wanted
        ]
        width, height = _SIZES.get(embed.kind, _SIZES["iframe"])
        return self._render(
            "embed.html",
            language,
            base,
            services=services,
            names=texts.listing(service.name for service in services),
            embed=embed,
            nonced=nonced,
            width=embed.width if _LENGTH.fullmatch(embed.width) else width,
            height=embed.height if _LENGTH.fullmatch(embed.height) else height,
        )

    def script(
        self,
        consent: Consent,
        *,
        base: str,
        nonce: str | None = None,
        tags: Tags = ANY_TAGS,
    ) -> str:
        """The script that starts what consent allows; its tag carries the visitor's standing.

        ``tags`` is what the site's own policies ask of it; ``nonce`` is one that is known beforehand.
        """
        nonce = nonce or tags.script_nonce
        allowed = replace(tags, script_nonce=None, style_nonce=None)
        policed = self._settings.csp == "enforce"
        values = {"nonced": nonce is not None, "tags": allowed, "policed": policed, **standing_of(consent)}
        return filled(self._kept("script.html", self.languages.tags[0], base, **values), nonce=nonce)

    def tags(self, headers: list[Header], *, host: str, base: str) -> Tags:
        """Which tags of ours the site's own policies let into a page with these headers."""
        address = base + self._settings.path
        return tags_for(
            headers,
            host=host,
            script=self._asset(address, "consent.js"),
            style=self.assets.url(address, "consent.css"),
            calls=self._asset(address, CALLS) if self._callers else None,
        )

    def _asset(self, address: str, name: str) -> Script:
        return Script(address=self.assets.url(address, name), integrity=self.assets.integrity(name))

    def calls(self, consent: Consent, *, base: str, nonce: str | None = None, tags: Tags = ANY_TAGS) -> str:
        """The script of the vendors' consent calls, to stand first in ``<head>``; empty if there are none.

        Its tag carries the visitor's standing, as far as these vendors are concerned.
        """
        if not self._callers:
            return ""
        nonce = nonce or tags.script_nonce
        shared = self._settings.cache == "shared"
        html = self._kept(
            "calls.html",
            self.languages.tags[0],
            base,
            nonced=nonce is not None,
            src=self.assets.url(base + self._settings.path, CALLS),
            integrity=self.assets.integrity(CALLS) if tags.calls_hashed else None,
            granted=None if shared else " ".join(sorted(consent.granted & self._callers)),
            denied=None if shared else " ".join(sorted(consent.denied & self._callers)),
        )
        return filled(html, nonce=nonce)

    def shared_banner(self, *, language: str, base: str, return_to: str) -> str:
        """The first layer for pages that are the same for all: hidden until it is known who is asked."""
        asked = tuple(category.id for category in self._catalogue.asked)
        shown: dict[str, Any] = {"styled": True, "again": False, "signal": "", "hidden_first": True}
        return filled(self._kept("ask.html", language, base, asked=asked, **shown), return_to)

    def asking_sheet(self, consent: Consent) -> bytes:
        """The stylesheet that shows this banner where no script runs: empty for who is asked nothing."""
        if not consent.undecided:
            return b""
        objected = sorted(consent.objected & self._catalogue.fingerprints.keys())
        named = [said.name for said in consent.heard if not said.denied.isdisjoint(objected)]
        off = "".join(f"#cst-ask [data-cst-category={name}]{{display:none}}" for name in objected)
        seen = "".join(f"#cst-ask [data-cst-signal={name}]{{display:block!important}}" for name in named)
        return self.assets.content("asking.css") + (off + seen).encode()

    def shared_script(self, *, base: str, nonce: str | None = None) -> str:
        """The script for such pages; without scripts, a stylesheet shows the banner to who is undecided."""
        fingerprint = self._catalogue.fingerprint
        values = {"nonced": nonce is not None, "fingerprint": fingerprint, **self._audible}
        return filled(self._kept("shared.html", self.languages.tags[0], base, **values), nonce=nonce)

    @property
    def _audible(self) -> dict[str, str]:
        """What a script needs to know where signals speak to it; whether the server hears more than it."""
        names = [signal.name for signal in self._settings.listens]
        ids = self._catalogue.expanded(objectable(self._catalogue.asked))
        audible = [name for name in names if name in AUDIBLE] if ids else []
        return {
            "signals": " ".join(audible),
            "objectable": " ".join(sorted(ids)) if audible else "",
            "inaudible": "1" if set(names) - set(AUDIBLE) else "",
        }

    def policy_page(
        self, consent: Consent, *, language: str, base: str, return_to: str, nonce: str | None = None
    ) -> str:
        """The policy as a document of its own, with a way back to ``return_to``."""
        return self._render(
            "page.html",
            language,
            base,
            policy=self.policy(consent, language=language, base=base, return_to=return_to),
            script=self.script(consent, base=base, nonce=nonce),
            return_to=return_to,
        )
