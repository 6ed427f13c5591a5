"""Where the rules meet: built once from settings, asked at every request; knows no ASGI and no clock."""

import math
import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeVar

from consent._version import __version__
from consent.counts import Counts, Metrics
from consent.decision import Decision, answer_to
from consent.fragments import Fragments
from consent.gates.cookies import CookieGate, CookieVerdict, cookie_name, cookie_pairs
from consent.gates.csp import PolicyGate
from consent.gates.expiry import Expiry
from consent.gates.headers import Header
from consent.gates.markup import MarkupGate
from consent.gates.reports import HostReports
from consent.hearing import Hearing
from consent.marks import Marks
from consent.own_cookies import OwnCookies
from consent.records.record import Record, new_id, timestamp
from consent.reports import Reports
from consent.settings import ConsentSettings
from consent.sightings import Sightings
from consent.signals import Adpc
from consent.state import Answer, Consent
from consent.ui.rendering import Renderer
from consent.ui.requests import ConsentRequests

MAX_REMEMBERED: Final = 4_096
"""Verified cookie values kept, so that a visitor's pages after the second cost no hash."""

MAX_CANDIDATES: Final = 4
"""Cookies of the layer's name that are verified; more than one is an accident already."""

_NOTICE_ID = re.compile(r"[0-9a-f]{10}-[0-9a-f]{32}")


_V = TypeVar("_V")


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
        )
        self.reports = Reports()
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
        self.marks = Marks(settings, self.renderer)
        self.undecided = self.catalogue.standing(None)
        self.asks = bool(self.catalogue.asked)
        """Whether there is anything to ask."""
        self.is_shared = settings.cache == "shared"
        """Whether pages are to be the same for every visitor."""
        adpc = any(isinstance(signal, Adpc) for signal in settings.listens)
        self.requests = ConsentRequests(self.renderer, self.catalogue) if adpc else None
        self.hearing = Hearing(
            settings.listens, self.catalogue, self.requests.categories if self.requests else None
        )
        self.vary = ("Cookie", *self.hearing.fields)
        """The request headers that responses depend on where they depend on the visitor."""
        self._wanted = self.hearing.headers | {b"cookie"}
        self._undecided_under = lru_cache(maxsize=256)(
            lambda heard: self.hearing.lay_over(self.undecided, heard)
        )
        names = {secure: self.cookie_name(secure=secure) for secure in (False, True)}
        self._named = {secure: (name, name.encode()) for secure, name in names.items()}
        self._met = OrderedDict[bytes, None]()
        self._remembered = OrderedDict[bytes, tuple[Consent, float]]()

    def watch(self, since: float) -> None:
        """Keep from now on what is met, for the owner's report."""
        own = [name for secure in (False, True) for name in self.own_cookies(secure=secure)]
        self.sightings = Sightings(self.catalogue, own=own, since=since)

    # --- standing -----------------------------------------------------------------------------

    def standing(self, headers: list[Header], *, secure: bool, now: float) -> Consent:
        """What the request's cookie says today, with what the browser says by itself laid over.

        Anything unreadable or too old is undecided. Of several cookies of the name, the first that
        verifies counts.
        """
        wanted = self._wanted
        found = [header for header in headers if header[0] in wanted]
        if not found:
            return self.undecided
        consent = self._answered(found, secure=secure, now=now)
        signals = [header for header in found if header[0] != b"cookie"] if self.hearing.fields else []
        heard = self.hearing.hear(signals) if signals else ()
        if not heard:
            return consent
        return (
            self._undecided_under(heard)
            if consent is self.undecided
            else self.hearing.lay_over(consent, heard)
        )

    def _answered(self, headers: list[Header], *, secure: bool, now: float) -> Consent:
        name, wanted = self._named[secure]
        # The name is looked for before pairs are taken apart: most have another.
        pairs = [pair for pair in cookie_pairs(headers) if wanted in pair and cookie_name(pair) == name]
        for pair in pairs[:MAX_CANDIDATES]:
            consent = self._read(pair.partition(b"=")[2].strip(b' \t"'), now)
            if consent is not None:
                return consent
        return self.undecided

    def _read(self, value: bytes, now: float) -> Consent | None:
        known = self._remembered.get(value)  # a hit costs 0.2 us, a verification 8
        if known is not None and now < known[1]:
            return known[0]
        answer = known[0].answer if known else self.signer.loads(value.decode("latin-1"))
        if answer is None:
            return None
        kept = self._today(answer, now)
        if known or value in self._met:
            _keep(self._remembered, value, kept)
            self._met.pop(value, None)
        else:
            # Who comes once leaves nothing behind that the garbage collector has to walk through: 15 us.
            _keep(self._met, value, None)
        return kept[0]

    def _today(self, answer: Answer, now: float) -> tuple[Consent, float]:
        """What ``answer`` means at ``now``, and until when it will mean that."""
        ends = [answer.time_of(category) + self._lifetime for category in answer.verdicts]
        until = min((end for end in ends if end > now), default=math.inf)
        consent = self.catalogue.standing(answer, after=now - self._lifetime)
        return (consent, until) if max(ends, default=0.0) > now else (self.undecided, until)

    # --- decisions ----------------------------------------------------------------------------

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


def _keep(store: OrderedDict[bytes, _V], value: bytes, what: _V) -> None:
    """Keep one more, and let go of the oldest where there are too many."""
    if value not in store and len(store) >= MAX_REMEMBERED:
        store.popitem(last=False)
    store[value] = what
