"""Whole layers and documents: policy, second layer, replies and errors; knows no request."""

from typing import Any, Final

from consent.state import Consent
from consent.ui.content import standing_of, summary
from consent.ui.press import Press
from consent.ui.sources import filled
from consent.ui.texts import Texts

BROWSERS: Final = ("chrome", "firefox", "safari", "edge", "ios", "android")
"""The browsers whose handling of cookies the policy page explains."""

_DAY: Final = 86_400


class Pages(Press):
    """What visitors see by itself. ``language`` is always one of ``languages.tags``; ``base`` is where the
    site is mounted (empty, or a path without a closing slash); ``return_to`` is a local address, which the
    caller has checked: it ends up in links.
    """

    confirmation_id: Final = "cst-saved"
    """The fragment that shows the confirmation: after a decision, redirect to ``/page#cst-saved``."""

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
        sentence = self._told(consent, language, "saved")
        shown = {"styled": styled, "nonced": nonce is not None, "sentence": sentence}
        return filled(self._kept("saved.html", language, base, **shown), return_to, nonce)

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

        It brings stylesheets (with ``nonce``) and confirmation along; ``heading_level`` is that of its
        own headings.
        """
        texts = self.languages.get(language)
        changed = self._settings.policy_date
        saved = self.confirmation(consent, language=language, base=base, return_to=return_to, nonce=nonce)
        html = self._render(
            "policy.html",
            language,
            base,
            consent=consent,
            sentence=self._told(consent, language, "choice"),
            signal=self._seen(consent, language),
            dates=self._dates(consent, texts),
            changed=None if changed is None else texts.day(changed),
            withdrawable=self._is_withdrawable(consent),
            browsers=BROWSERS,
            return_to=return_to,
            level=heading_level,
            discloses=False,
            nonced=nonce is not None,
        )
        return saved + filled(html, nonce=nonce)

    def choices(self, consent: Consent, *, language: str, base: str, return_to: str) -> str:
        """The second layer, a document whose dialog our script takes into the page."""
        return self._render(
            "choices.html",
            language,
            base,
            consent=consent,
            sentence=self._told(consent, language, "choice"),
            signal=self._seen(consent, language),
            withdrawable=self._is_withdrawable(consent),
            return_to=return_to,
        )

    def saved(self, consent: Consent, *, language: str, base: str, return_to: str) -> str:
        """The answer to a decision that our script has sent: what was chosen, and the new standing."""
        sentence = self._told(consent, language, "saved")
        return self._reply(sentence, language, base, return_to=return_to, **standing_of(consent))

    def refused(self, *, key: str, language: str, base: str, return_to: str) -> str:
        """The answer to one that could not be taken; ``key`` names the error."""
        sentence = self.languages.get(language).text(f"error.{key}")
        return self._reply(sentence, language, base, return_to=return_to)

    def error_page(self, *, status: int, key: str, language: str, base: str, return_to: str) -> str:
        """A small document that says in one sentence what went wrong; ``key`` names it."""
        return self._render("error.html", language, base, status=status, key=key, return_to=return_to)

    def _reply(self, sentence: str, language: str, base: str, **values: Any) -> str:
        return self._render("reply.html", language, base, sentence=sentence, **values)

    def _told(self, consent: Consent, language: str, kind: str) -> str:
        return summary(consent, self._content(language), self.languages.get(language), kind)

    def _seen(self, consent: Consent, language: str) -> str:
        content = self._content(language)
        return content.objections.seen(consent, content.names, self.languages.get(language))

    def _is_withdrawable(self, consent: Consent) -> bool:
        return not consent.granted <= self._unasked.granted

    def _dates(self, consent: Consent, texts: Texts) -> str | None:
        if consent.answer is None:
            return None
        decided, until = consent.answer.time, consent.answer.time + self._settings.lifetime * _DAY
        return texts.text("choice_date", date=texts.date(decided), until=texts.date(until))
