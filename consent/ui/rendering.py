"""Turns what a visitor is told into HTML: banner, control, policy and error pages; knows no request."""

import re
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any, Final

from jinja2 import Environment, FunctionLoader, StrictUndefined

from consent.catalogue import Catalogue
from consent.gates.elements import Embed
from consent.gates.headers import Header
from consent.gates.site_policy import ANY_TAGS, Tags, tags_for
from consent.settings import ConsentSettings
from consent.state import Consent
from consent.ui.assets import Assets
from consent.ui.content import Content, Notice, describe, notice_of, status_of, summary
from consent.ui.keys import keys_of
from consent.ui.sources import HOLE, NONCE_HOLE, filled, query_to, template_source
from consent.ui.texts import Languages, Texts

BROWSERS: Final = ("chrome", "firefox", "safari", "edge", "ios", "android")
"""The browsers whose handling of cookies the policy page explains."""

_SIZES: Final = {"iframe": ("300", "150"), "audio": ("300", "54")}
"""What browsers give to embeds that do not say, in CSS pixels."""

_LENGTH: Final = re.compile(r"\d{1,5}(?:\.\d{1,3})?(?:px|%)?")
_DAY: Final = 86_400


class Renderer:
    """Everything that visitors see, as strings of HTML; built once per site.

    ``language`` is always one of ``languages.tags``; ``base`` is where the site is mounted (empty, or
    a path without a closing slash); ``return_to`` is a local address, which the caller has checked:
    it ends up in links. What is the same for many visitors is rendered once and kept.
    """

    confirmation_id: Final = "cst-saved"
    """The fragment that shows the confirmation: after a decision, redirect to ``/page#cst-saved``."""

    def __init__(self, settings: ConsentSettings, catalogue: Catalogue) -> None:
        self.languages = Languages(settings.texts, default=settings.default_language, fixed=settings.language)
        keys = keys_of(catalogue)
        self.assets = Assets(keys_json=keys) if keys else Assets()
        self._keys = "keys.json" if keys else None
        self._settings = settings
        self._catalogue = catalogue
        self._unasked = catalogue.standing(None)
        self._environment = _environment()
        self._content = lru_cache(self._describe)
        self._notice = lru_cache(self._evidence)
        self._kept = lru_cache(maxsize=512)(self._render)

    # --- pieces of pages ----------------------------------------------------------------------

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
        to the endpoint in fields called ``asked`` (R16).
        """
        undecided = (consent or self._unasked).undecided
        asked = tuple(category.id for category in self._catalogue.asked if category.id in undecided)
        html = self._kept(
            "ask.html",
            language,
            base,
            styled=styled,
            nonced=nonce is not None,
            asked=asked,
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

    def confirmation(
        self,
        consent: Consent,
        *,
        language: str,
        base: str,
        return_to: str = "",
        styled: bool = True,
        nonce: str | None = None,
    ) -> str:
        """What was chosen: shown, and focused, only while the page's address ends in `confirmation_id`.

        ``return_to`` is the page's own address; the link that closes it needs it under a ``<base>``.
        """
        sentence = self._summary(consent, language, "saved")
        shown = {"styled": styled, "nonced": nonce is not None, "sentence": sentence}
        return filled(self._kept("saved.html", language, base, **shown), return_to, nonce)

    def link(self, *, language: str, base: str, return_to: str | None = None) -> str:
        """The link to the choices, for the site's own footer."""
        return filled(self._kept("link.html", language, base), query_to(return_to))

    def placeholder(self, embed: Embed, *, language: str, base: str, return_to: str) -> str:
        """What stands for a withheld embed: of its size, with its services' names and a way to allow them."""
        texts = self.languages.get(language)
        services = [
            service
            for category in self._content(language).categories
            for service in category.services
            if service.id in embed.services
        ]
        width, height = _SIZES.get(embed.kind, _SIZES["iframe"])
        html = self._render(
            "embed.html",
            language,
            base,
            services=services,
            names=texts.listing(service.name for service in services),
            embed=embed,
            width=embed.width if _LENGTH.fullmatch(embed.width) else width,
            height=embed.height if _LENGTH.fullmatch(embed.height) else height,
        )
        return filled(html, return_to)

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
        standing = {"granted": " ".join(sorted(consent.granted)), "denied": " ".join(sorted(consent.denied))}
        nonce = nonce or tags.script_nonce
        allowed = replace(tags, script_nonce=None, style_nonce=None)
        whole = consent.granted == consent.known
        values = {"nonced": nonce is not None, "tags": allowed, "sweeps": not whole, **standing}
        return filled(self._kept("script.html", self.languages.tags[0], base, **values), nonce=nonce)

    def tags(self, headers: list[Header], *, host: str, base: str) -> Tags:
        """Which tags of ours the site's own policies let into a page with these headers."""
        address, assets = base + self._settings.path, self.assets
        return tags_for(
            headers,
            host=host,
            script=assets.url(address, "consent.js"),
            style=assets.url(address, "consent.css"),
            integrity=assets.integrity("consent.js"),
        )

    def shared_banner(self, *, language: str, base: str, return_to: str) -> str:
        """The first layer for pages that are the same for all: hidden until it is known who is asked."""
        asked = tuple(category.id for category in self._catalogue.asked)
        html = self._kept("ask.html", language, base, styled=True, asked=asked, hidden_first=True)
        return filled(html, return_to)

    def shared_script(self, *, base: str, nonce: str | None = None) -> str:
        """The script for such pages; without scripts, a stylesheet shows the banner to who is undecided."""
        fingerprint = self._catalogue.fingerprint
        html = self._kept(
            "shared.html", self.languages.tags[0], base, nonced=nonce is not None, fingerprint=fingerprint
        )
        return filled(html, nonce=nonce)

    def notice(self, language: str) -> Notice:
        """The evidence of what a visitor who reads ``language`` is shown."""
        return self._notice(language)

    # --- whole layers -------------------------------------------------------------------------

    def policy(
        self,
        consent: Consent,
        *,
        language: str,
        base: str,
        return_to: str,
        heading_level: int = 2,
        nonce: str | None = None,
    ) -> str:
        """Standing, choices and cookie policy, as a fragment for a page of the site's own.

        It brings stylesheet (with ``nonce``) and confirmation along; ``heading_level`` is that of its
        own headings.
        """
        saved = self.confirmation(consent, language=language, base=base, return_to=return_to, nonce=nonce)
        return saved + self._render(
            "policy.html",
            language,
            base,
            consent=consent,
            sentence=self._summary(consent, language, "choice"),
            dates=self._dates(consent, self.languages.get(language)),
            status_of=partial(status_of, consent),
            withdrawable=not consent.granted <= self._unasked.granted,
            browsers=BROWSERS,
            return_to=return_to,
            level=heading_level,
        )

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

    def error_page(self, *, status: int, key: str, language: str, base: str, return_to: str) -> str:
        """A small document that says in one sentence what went wrong; ``key`` names it."""
        return self._render("error.html", language, base, status=status, key=key, return_to=return_to)

    # --- how ----------------------------------------------------------------------------------

    def _render(self, template: str, language: str, base: str, **values: Any) -> str:
        texts, address = self.languages.get(language), base + self._settings.path
        return self._environment.get_template(template).render(
            t=texts.text,
            language=language,
            direction=texts.direction,
            content=self._content(language),
            notice=self._notice(language).id,
            address=address,
            policy_url=self._settings.policy_url or address,
            css=self.assets.url(address, "consent.css"),
            js=self.assets.url(address, "consent.js"),
            keys=self.assets.url(address, self._keys) if self._keys else None,
            integrity=self.assets.integrity("consent.js"),
            shared_js=self.assets.url(address, "shared.js"),
            hole=HOLE,
            nonce=NONCE_HOLE if values.get("nonced") else "",
            **values,
        )

    def _describe(self, language: str) -> Content:
        return describe(self._settings, self._catalogue, self.languages.get(language))

    def _evidence(self, language: str) -> Notice:
        return notice_of(self._content(language), self._catalogue)

    def _summary(self, consent: Consent, language: str, kind: str) -> str:
        return summary(consent, self._content(language), self.languages.get(language), kind)

    def _dates(self, consent: Consent, texts: Texts) -> str | None:
        if consent.answer is None:
            return None
        decided, until = consent.answer.time, consent.answer.time + self._settings.lifetime * _DAY
        return texts.text("choice_date", date=texts.date(decided), until=texts.date(until))


def _environment() -> Environment:
    return Environment(
        loader=FunctionLoader(template_source), autoescape=True, undefined=StrictUndefined, auto_reload=False
    )
