"""Where the rules meet: built once from settings, asked at every request; knows no ASGI and no clock."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from consent._version import __version__
from consent.counts import Counts, Metrics
from consent.decision import Decision, answer_to
from consent.fragments import Fragments
from consent.gates.cookies import CookieGate, CookieVerdict
from consent.gates.csp import PolicyGate
from consent.gates.expiry import Expiry
from consent.gates.markup import MarkupGate
from consent.gates.reports import HostReports
from consent.gates.representation import UNHEARD, private_headers
from consent.hearing import Hearing
from consent.marks import Marks
from consent.own_cookies import OwnCookies
from consent.reader import Reader
from consent.records.record import Record, new_id, timestamp
from consent.reports import Reports
from consent.settings import ConsentSettings
from consent.sightings import Sightings
from consent.signals import Adpc
from consent.state import Answer, Consent
from consent.ui.rendering import Renderer
from consent.ui.requests import ConsentRequests

_PAGE_METHODS: Final = frozenset({"GET", "HEAD", "POST"})
_ORDINARY: Final = frozenset({b"cookie", b"sec-fetch-dest", b"accept-language"})

_NOTICE_ID = re.compile(r"[0-9a-f]{10}-[0-9a-f]{32}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a decision comes to, before anything of it has happened.

    ``lost`` is what was granted and no longer is; ``gained`` the other way round; ``changes`` says
    whether the visitor's standing will be another one.
    ``notice`` is the text to keep for `Record.notice`, or ``None`` if it is not known here.
    """

    answer: Answer
    consent: Consent
    record: Record
    notice: str | None
    gained: frozenset[str]
    lost: frozenset[str]
    changes: bool


class Gatekeeper(OwnCookies):
    """Everything that can be computed once per site; nothing here belongs to one visitor."""

    def __init__(
        self,
        settings: ConsentSettings,
        review_cookie: Callable[[CookieVerdict], bool] | None = None,
        metrics: Metrics | None = None,
    ) -> None:
        super().__init__(settings)
        self.counts = Counts(metrics)
        self.sightings: Sightings | None = None
        """What was met so far, where the site watches for it."""
        self.renderer = Renderer(settings, self.catalogue)
        self.fragments = Fragments(
            self.renderer,
            self.counts,
            injects=settings.control == "inject",
            calls=bool(settings.told) and settings.injects,
            shared=settings.cache == "shared",
        )
        self.reports = Reports(settings.categories)
        self.marks = Marks(settings, self.renderer)
        self.page_methods = _PAGE_METHODS if self.catalogue.asked else frozenset()
        """To which requests an answer may be a page that asks: to none where there is nothing to ask."""
        self.is_shared = settings.cache == "shared"
        """Whether pages are to be the same for every visitor."""
        self._build_gates(settings, review_cookie)
        self._build_hearing(settings)

    def _build_gates(
        self, settings: ConsentSettings, review_cookie: Callable[[CookieVerdict], bool] | None
    ) -> None:
        self.cookies = CookieGate(
            self.catalogue,
            undeclared_passes=settings.undeclared == "allow",
            report=self.reports.undeclared,
            review=review_cookie,
        )
        self.markup = MarkupGate(self.catalogue) if settings.gate_markup else None
        self.policies = PolicyGate(self.catalogue, mode=settings.csp, endpoint=f"{settings.path}/csp")
        self.host_reports = HostReports(self.catalogue)
        self.expiry = Expiry(self.catalogue)

    def _build_hearing(self, settings: ConsentSettings) -> None:
        """What reads a request: the visitor's answer, and what the browser says by itself."""
        adpc = any(isinstance(signal, Adpc) for signal in settings.listens)
        self.is_policed = self.policies.is_on or adpc
        """Whether documents get a header of ours, be it the policy or a link."""
        self.requests = ConsentRequests(self.renderer, self.catalogue) if adpc else None
        self.hearing = Hearing(
            settings.listens, self.catalogue, self.requests.categories if self.requests else None
        )
        self.vary = ("Cookie", *self.hearing.fields)
        """The request headers that responses depend on where they depend on the visitor."""
        self.privacy = {stored: private_headers(stored=stored, on=self.vary) for stored in (False, True)}
        """What makes a page private whose app says nothing of caches: if browsers may keep it, or not."""
        self.hears_all = not _ORDINARY.isdisjoint(self.hearing.headers)
        """Whether a signal of the site's own is in a header that every request has."""
        self.notable = UNHEARD | self.hearing.headers | _ORDINARY
        """The request headers that most answers depend on."""
        self.readers = {
            secure: Reader(
                self.catalogue,
                self.signer,
                self.hearing,
                name=self.cookie_name(secure=secure),
                lifetime=self._lifetime,
            )
            for secure in (False, True)
        }
        """What reads a cookie that came over TLS, and one that came without."""
        self.undecided = self.readers[True].undecided

    def watch(self, since: float) -> None:
        """Keep from now on what is met, for the owner's report."""
        own = [name for secure in (False, True) for name in self.own[secure]]
        self.sightings = Sightings(self.catalogue, own=own, since=since)

    def outcome(
        self, decision: Decision, before: Consent, *, language: str, now: float, grants: bool = True
    ) -> Outcome:
        """What ``decision`` comes to for a visitor whose standing was ``before``.

        ``grants`` false leaves out whatever it grants.
        """
        record_id = new_id(now)
        stored = self.catalogue.standing(before.answer, after=now - self._lifetime)
        answer = answer_to(
            decision, before, self.catalogue, stored=stored, time=int(now), receipt=record_id, grants=grants
        )
        own = self.catalogue.standing(answer)
        consent = self.hearing.lay_over(own, before.heard) if before.heard else own
        seen, text = self._seen(decision, language)
        record = Record(
            id=record_id,
            time=timestamp(now),
            action=decision.action,
            method=decision.method,
            granted=tuple(sorted(consent.granted)),
            denied=tuple(sorted(consent.denied)),
            language=language,
            notice=seen,
            catalogue=self.catalogue.fingerprint,
            version=__version__,
            policy_url=self.settings.policy_address,
            signals=before.signals,
            previous=before.answer.receipt if before.answer else None,
        )
        return Outcome(
            answer=answer,
            consent=consent,
            record=record,
            notice=text,
            gained=(consent.granted - before.granted) | (own.granted - stored.granted),
            lost=before.granted - consent.granted,
            changes=consent.differs_from(before) or own.differs_from(stored),
        )

    def is_outdated(self, decision: Decision, language: str) -> bool:
        """Whether the visitor had another notice on the screen than the one that is true now.

        Our own forms always name theirs, and its language.
        """
        if decision.notice is None:
            return decision.method in ("banner", "dialog", "policy")
        return decision.notice != self.renderer.notice(language).id

    def _seen(self, decision: Decision, language: str) -> tuple[str, str | None]:
        """The id of what was on the screen, and its text if that is still known."""
        current = self.renderer.notice(language)
        if decision.notice is None or not _NOTICE_ID.fullmatch(decision.notice):
            return current.id, current.body
        return decision.notice, current.body if decision.notice == current.id else None
