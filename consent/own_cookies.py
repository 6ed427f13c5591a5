"""The layer's own cookies: what they are called and what is in them; knows no request and no clock."""

from typing import Final

from consent.catalogue import Catalogue
from consent.errors import ConfigurationError
from consent.records.record import new_id
from consent.settings import OWN_COOKIES, ConsentSettings
from consent.signing import MAX_LENGTH, ConsentSigner
from consent.state import Answer, Verdict

SECONDS_A_DAY: Final = 86_400

MARKER: Final = "consent-known"
"""The cookie that tells scripts what was decided, where pages are the same for all."""


class OwnCookies:
    """Built once from settings; refuses declarations whose largest answer no browser would keep."""

    def __init__(self, settings: ConsentSettings) -> None:
        self.settings = settings
        self.catalogue: Catalogue = settings.catalogue
        self.signer = ConsentSigner(settings.secret_keys)
        self._lifetime = settings.lifetime * SECONDS_A_DAY
        more = (MARKER,) if settings.cache == "shared" else ()
        self.own = {secure: (self.cookie_name(secure=secure), *more) for secure in (False, True)}
        """The names that only the layer sets, over TLS and without."""
        self._check_size()

    def cookie_name(self, *, secure: bool) -> str:
        """The prefixed name wherever browsers accept it (RFC 6265bis, 4.1.3)."""
        plain, host, domain = OWN_COOKIES
        if not secure:
            return plain
        return domain if self.settings.cookie_domain else host

    def set_cookie(self, answer: Answer, *, secure: bool) -> str:
        """The ``Set-Cookie`` that keeps ``answer``."""
        name, value = self.cookie_name(secure=secure), self.signer.dumps(answer)
        return "; ".join([f"{name}={value}", *self._attributes("HttpOnly", secure=secure)])

    def marker_cookie(self, answer: Answer, *, secure: bool) -> str:
        """What scripts may read of ``answer`` where pages are the same for all: no time, no identifier.

        What is granted in the face of signals is named once more with each of them.
        """
        consent = self.catalogue.standing(answer)
        outweighing = [
            f"{signal}_{name}"
            for category, signals in answer.against.items()
            for name in self.catalogue.expanded(frozenset({category})) & consent.granted
            for signal in signals
        ]
        told = [consent.granted, consent.denied, *([outweighing] if outweighing else [])]
        value = ".".join([self.catalogue.fingerprint, *("~".join(sorted(ids)) for ids in told)])
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
        names = frozenset(signal.name for signal in self.settings.listens)
        against = dict.fromkeys(verdicts, names)
        answer = Answer(
            time=1 << 40, verdicts=verdicts, services=services, against=against, receipt=new_id(0)
        )
        if len(self.signer.dumps(answer)) > MAX_LENGTH:
            problem = f"the ids together are too long for one cookie; allowed are {MAX_LENGTH} characters."
            raise ConfigurationError("category", problem)
