"""Where the rules meet: built once from settings, asked at every request; knows no ASGI and no clock."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Final

from consent._version import __version__
from consent.decision import Decision, answer_to
from consent.errors import ConfigurationError
from consent.fragments import Fragments
from consent.gates.cookies import CookieGate, CookieVerdict, cookie_name, cookie_pairs
from consent.gates.csp import PolicyGate
from consent.gates.expiry import Expiry
from consent.gates.headers import Header
from consent.gates.markup import MarkupGate
from consent.gates.reports import HostReports
from consent.marks import Marks
from consent.records.record import Record, new_id, timestamp
from consent.reports import Reports
from consent.settings import OWN_COOKIES, ConsentSettings
from consent.signing import MAX_LENGTH, ConsentSigner
from consent.state import Answer, Consent, Verdict
from consent.ui.rendering import Renderer

SECONDS_A_DAY: Final = 86_400

MAX_REMEMBERED: Final = 4_096
"""Verified cookie values kept, so that a visitor's next page costs no hash."""

MARKER: Final = "consent-known"
"""The cookie that tells scripts what was decided, where pages are the same for all."""

MAX_CANDIDATES: Final = 4
"""Cookies of the layer's name that are verified; more than one is an accident already."""

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


class Gatekeeper:
    """Everything that can be computed once per site; nothing here belongs to one visitor."""

    def __init__(
        self, settings: ConsentSettings, review_cookie: Callable[[CookieVerdict], bool] | None = None
    ) -> None:
        self.settings = settings
        self.catalogue = settings.catalogue
        self.signer = ConsentSigner(settings.secret_keys)
        self.renderer = Renderer(settings, self.catalogue)
        self.fragments = Fragments(
            self.renderer,
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
        self._lifetime = settings.lifetime * SECONDS_A_DAY
        self.marks = Marks(settings, self.renderer)
        self.undecided = self.catalogue.standing(None)
        self._remembered: dict[str, tuple[Consent, float]] = {}
        self._check_size()

    # --- standing -----------------------------------------------------------------------------

    def standing(self, headers: list[Header], *, secure: bool, now: float) -> Consent:
        """What the request's cookie says today; anything unreadable or too old is undecided.

        Of several cookies of the name, the first that verifies counts.
        """
        wanted = self.cookie_name(secure=secure)
        candidates = (
            pair for pair in cookie_pairs(headers) if wanted.encode() in pair and cookie_name(pair) == wanted
        )
        for pair in islice(candidates, MAX_CANDIDATES):
            consent = self._read(pair.partition(b"=")[2].strip(b' \t"').decode("latin-1"), now)
            if consent is not None:
                return consent
        return self.undecided

    def _read(self, value: str, now: float) -> Consent | None:
        consent, until = self._remembered.get(value, (None, 0.0))
        if consent is not None and now < until:
            return consent
        answer = self.signer.loads(value) if consent is None else consent.answer
        if answer is None:
            return None
        consent, until = self._today(answer, now)
        if value not in self._remembered and len(self._remembered) >= MAX_REMEMBERED:
            del self._remembered[next(iter(self._remembered))]
        self._remembered[value] = (consent, until)
        return consent

    def _today(self, answer: Answer, now: float) -> tuple[Consent, float]:
        """What ``answer`` means at ``now``, and until when it will mean that."""
        ends = [answer.time_of(category) + self._lifetime for category in answer.verdicts]
        until = min((end for end in ends if end > now), default=math.inf)
        consent = self.catalogue.standing(answer, after=now - self._lifetime)
        return (consent, until) if max(ends, default=0.0) > now else (self.undecided, until)

    # --- the cookie ---------------------------------------------------------------------------

    def cookie_name(self, *, secure: bool) -> str:
        """The prefixed name wherever browsers accept it (RFC 6265bis, 4.1.3)."""
        plain, host, domain = OWN_COOKIES
        if not secure:
            return plain
        return domain if self.settings.cookie_domain else host

    def own_cookies(self, *, secure: bool) -> tuple[str, ...]:
        """The names that only the layer sets."""
        own = self.cookie_name(secure=secure)
        return (own, MARKER) if self.settings.cache == "shared" else (own,)

    def set_cookie(self, answer: Answer, *, secure: bool) -> str:
        """The ``Set-Cookie`` that keeps ``answer``."""
        name, value = self.cookie_name(secure=secure), self.signer.dumps(answer)
        return "; ".join([f"{name}={value}", *self._attributes("HttpOnly", secure=secure)])

    def marker_cookie(self, answer: Answer, *, secure: bool) -> str:
        """What scripts may read of ``answer`` where pages are the same for all: no time, no identifier."""
        consent = self.catalogue.standing(answer)
        told = (sorted(ids) for ids in (consent.granted, consent.denied))
        value = ".".join([self.catalogue.fingerprint, *("~".join(ids) for ids in told)])
        return "; ".join([f"{MARKER}={value}", *self._attributes(secure=secure)])

    def _attributes(self, *more: str, secure: bool) -> list[str]:
        parts = ["Path=/", f"Max-Age={self._lifetime}", *more, "SameSite=Lax"]
        if secure:
            parts.append("Secure")
        if self.settings.cookie_domain:
            parts.append(f"Domain={self.settings.cookie_domain}")
        return parts

    def _check_size(self) -> None:
        """The largest answer there can be fits a cookie, or the settings are refused now."""
        verdicts = {
            name: (fingerprint, Verdict.DENIED) for name, fingerprint in self.catalogue.fingerprints.items()
        }
        services = frozenset(service.id for _, service in self.catalogue.services)
        answer = Answer(time=1 << 40, verdicts=verdicts, services=services, receipt=new_id(0))
        if len(self.signer.dumps(answer)) > MAX_LENGTH:
            problem = f"the ids together are too long for one cookie; allowed are {MAX_LENGTH} characters."
            raise ConfigurationError("category", problem)

    # --- decisions ----------------------------------------------------------------------------

    def outcome(
        self, decision: Decision, before: Consent, *, language: str, now: float, grants: bool = True
    ) -> Outcome:
        """What ``decision`` comes to for a visitor whose standing was ``before``.

        ``grants`` false leaves out whatever it grants.
        """
        record_id = new_id(now)
        answer = answer_to(decision, before, self.catalogue, time=int(now), receipt=record_id, grants=grants)
        consent = self.catalogue.standing(answer)
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
            previous=before.answer.receipt if before.answer else None,
        )
        return Outcome(
            answer=answer,
            consent=consent,
            record=record,
            notice=text,
            gained=consent.granted - before.granted,
            lost=before.granted - consent.granted,
            changes=(consent.granted, consent.denied) != (before.granted, before.denied),
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
