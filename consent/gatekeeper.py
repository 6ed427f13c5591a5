"""Where the rules meet: built once from settings, asked at every request; knows no ASGI and no clock."""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from consent._version import __version__
from consent.decision import Action, Decision, answer_to
from consent.errors import ConfigurationError
from consent.gates.cookies import CookieGate, cookie_name, cookie_pairs
from consent.gates.headers import Header
from consent.gates.markup import MarkupGate
from consent.records.record import Record, new_id, timestamp
from consent.settings import ConsentSettings
from consent.signing import MAX_LENGTH, ConsentSigner
from consent.state import Answer, Consent, Verdict
from consent.ui.rendering import Renderer

OWN_COOKIES: Final = ("consent", "__Host-consent", "__Secure-consent")
"""What the layer calls its own cookie: by plain http, by https, and for a whole domain by https."""

SECONDS_A_DAY: Final = 86_400

CONFIRMED_FOR: Final = 60
"""Seconds after a decision during which pages can show its confirmation."""

MAX_REMEMBERED: Final = 4_096
"""Verified cookie values kept, so that a visitor's next page costs no hash."""

MAX_REPORTED: Final = 200
"""Undeclared names told to the log; visitors can make names up."""

_NOTICE_ID = re.compile(r"[0-9a-f]{10}-[0-9a-f]{32}")
_log = logging.getLogger("consent")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a decision comes to, before anything of it has happened.

    ``lost`` are the services that were granted and no longer are; ``gained`` the other way round.
    ``notice`` is the text to keep for `Record.notice`, or ``None`` if it is not known here.
    """

    answer: Answer
    consent: Consent
    record: Record
    notice: str | None
    gained: frozenset[str]
    lost: frozenset[str]


class Gatekeeper:
    """Everything that can be computed once per site; nothing here belongs to one visitor."""

    def __init__(self, settings: ConsentSettings) -> None:
        self.settings = settings
        self.catalogue = settings.catalogue
        self.signer = ConsentSigner(settings.secret_keys)
        self.renderer = Renderer(settings, self.catalogue)
        self.cookies = CookieGate(
            self.catalogue,
            own=OWN_COOKIES,
            undeclared_passes=settings.undeclared == "allow",
            report=self._report_undeclared,
        )
        self.markup = MarkupGate(self.catalogue) if settings.gate_markup else None
        self._undecided = self.catalogue.standing(None)
        self._remembered: dict[str, Consent] = {}
        self._reported = set[str]()
        self._check_size()

    # --- standing -----------------------------------------------------------------------------

    def standing(self, headers: list[Header], *, secure: bool, now: float) -> Consent:
        """What the request's cookie says today; anything unreadable or too old is undecided.

        Of several cookies of the name, the first that verifies counts.
        """
        wanted = self.cookie_name(secure=secure)
        for pair in cookie_pairs(headers):
            if wanted.encode() in pair and cookie_name(pair) == wanted:
                consent = self._read(pair.partition(b"=")[2].strip(b' \t"').decode("latin-1"))
                if consent is not None:
                    return consent if self._is_current(consent, now) else self._undecided
        return self._undecided

    def _read(self, value: str) -> Consent | None:
        consent = self._remembered.get(value)
        if consent is None and (answer := self.signer.loads(value)) is not None:
            consent = self.catalogue.standing(answer)
            if len(self._remembered) >= MAX_REMEMBERED:
                del self._remembered[next(iter(self._remembered))]
            self._remembered[value] = consent
        return consent

    def _is_current(self, consent: Consent, now: float) -> bool:
        answer = consent.answer
        return answer is not None and now < answer.time + self.settings.lifetime * SECONDS_A_DAY

    # --- the cookie ---------------------------------------------------------------------------

    def cookie_name(self, *, secure: bool) -> str:
        """The prefixed name wherever browsers accept it (RFC 6265bis, 4.1.3)."""
        plain, host, domain = OWN_COOKIES
        if not secure:
            return plain
        return domain if self.settings.cookie_domain else host

    def set_cookie(self, answer: Answer, *, secure: bool) -> str:
        """The ``Set-Cookie`` that keeps ``answer``."""
        parts = [
            f"{self.cookie_name(secure=secure)}={self.signer.dumps(answer)}",
            "Path=/",
            f"Max-Age={self.settings.lifetime * SECONDS_A_DAY}",
            "HttpOnly",
            "SameSite=Lax",
        ]
        if secure:
            parts.append("Secure")
        if self.settings.cookie_domain:
            parts.append(f"Domain={self.settings.cookie_domain}")
        return "; ".join(parts)

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

    def outcome(self, decision: Decision, before: Consent, *, language: str, now: float) -> Outcome:
        """What ``decision`` comes to for a visitor whose standing was ``before``."""
        record_id = new_id(now)
        answer = answer_to(decision, before, self.catalogue, time=int(now), receipt=record_id)
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
        )

    def without_gains(self, decision: Decision, before: Consent) -> Decision:
        """The part of ``decision`` that takes back: it grants nothing that was not granted before."""
        wanted = self.catalogue.ids if decision.action is Action.ACCEPT else decision.granted
        kept = before.granted & self.catalogue.expanded(wanted)
        return replace(decision, action=Action.SAVE, granted=kept)

    def is_outdated(self, decision: Decision) -> bool:
        """Whether the visitor had another notice on the screen than the one that is true now."""
        return decision.notice is not None and decision.notice not in self._notices

    def _seen(self, decision: Decision, language: str) -> tuple[str, str | None]:
        if decision.notice is None or not _NOTICE_ID.fullmatch(decision.notice):
            current = self.renderer.notice(language)
            return current.id, current.body
        return decision.notice, self._notices.get(decision.notice)

    @cached_property
    def _notices(self) -> Mapping[str, str]:
        """The text of what is shown today, in every language, by its id."""
        notices = (self.renderer.notice(tag) for tag in self.renderer.languages.tags)
        return {notice.id: notice.body for notice in notices}

    # --- what goes into pages -----------------------------------------------------------------

    def has_fragment(self, consent: Consent, *, now: float) -> bool:
        """Whether pages carry anything of ours for this visitor."""
        return bool(consent.undecided) or self.settings.control == "inject" or self._is_fresh(consent, now)

    def fragment(self, consent: Consent, *, language: str, base: str, return_to: str, now: float) -> str:
        """What goes first into the body of a page: the banner, or what tells of the decision."""
        renderer = self.renderer
        parts: list[str] = []
        if consent.undecided:
            parts.append(renderer.banner(language=language, base=base, return_to=return_to, consent=consent))
        elif self._is_fresh(consent, now):
            parts.append(renderer.confirmation(consent, language=language, base=base, return_to=return_to))
        if self.settings.control == "inject":
            control = renderer.control(language=language, base=base, return_to=return_to, styled=not parts)
            parts += [control, renderer.script(consent, base=base)]
        return "".join(parts)

    def _is_fresh(self, consent: Consent, now: float) -> bool:
        return consent.answer is not None and now < consent.answer.time + CONFIRMED_FOR

    # --- the log ------------------------------------------------------------------------------

    def _report_undeclared(self, name: str, what: str) -> None:
        if name in self._reported or len(self._reported) >= MAX_REPORTED:
            return
        self._reported.add(name)
        line = f'cookies = [{{ name = "{name}", duration = "...", purpose = "..." }}]'
        if not re.fullmatch(r"[\w.!#$%&'*+^`|~-]{1,64}", name, re.ASCII):
            line = "a name that browsers accept"
        if what == "set":
            _log.warning(
                "The cookie %r was withheld: no category declares it. To let it out, add: %s", name, line
            )
        else:
            _log.info("The browser's cookie %r was not shown to the app. To show it, add: %s", name, line)
