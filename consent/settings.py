"""How a site sets the layer up: one frozen value, wholly checked when made; knows no file format."""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, Final, Literal, Self

from consent.calls.told import Told, vendors_told
from consent.catalogue import Catalogue
from consent.errors import ConfigurationError
from consent.model import Category
from consent.services.trackers import check_necessary
from consent.signals import Signal, resolve

MIN_SECRET_LENGTH: Final = 32
"""Characters of the shortest secret key accepted."""

MIN_LIFETIME, MAX_LIFETIME = 180, 400
"""Days. Answers are kept for half a year at least [CNIL 2020-092; Garante 2021]; browsers keep no
cookie longer than 400 days [RFC 6265bis]."""

OWN_COOKIES: Final = ("consent", "__Host-consent", "__Secure-consent")
"""What the layer calls its own cookie: by plain http, by https, and for a whole domain by https."""

LOCAL_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)+")
DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
JURISDICTION = re.compile(r"EEA|[A-Z]{2}(-[A-Z0-9]{1,3})?")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentSettings:
    """Everything that `ConsentMiddleware` needs to know of a site.

    Raises `ConfigurationError` for the first thing that cannot be used. Its ``repr`` shows no secret.
    """

    controller: str
    """Who is responsible: name and address, as the visitor should read it. Required."""

    controller_name: str | None = None
    """The name in `controller`, for the first sentence of the banner; by default it has the address too."""

    secret_keys: Sequence[str] = field(default=(), repr=False)
    """Keys that sign the visitor's choice, oldest first: all verify, the last signs. Required; each at
    least 32 characters of which nobody else knows any (``consent new-key`` prints one)."""

    categories: Sequence[Category] = ()
    """What the visitor is asked about. ``necessary`` is added if it is not there."""

    policy_url: str | None = None
    """The site's own cookie-policy page, a local path or an https address; by default the page at `path`."""

    path: str = "/consent"
    """Under which local address the layer answers."""

    control: Literal["inject", "template"] = "inject"
    """Where the link for changing one's mind comes from: ``inject`` puts it on every page, ``template``
    trusts the site's templates to carry `render_link`, `render_script` and, for vendors' tags,
    `render_calls`."""

    layout: Literal["bar", "box", "inline", "modal"] = "bar"
    """Where the banner stands: ``bar`` at the lower edge of the window, ``box`` in its corner, ``inline`` at
    the top of the page and part of it, ``modal`` in the middle of a page that waits until it is left."""

    templates: str | None = None
    """A folder of templates that replace ours, file by file; in a settings file, seen from that file."""

    policy_date: date | None = None
    """When the cookie policy was last changed, to be told on it."""

    signals: Sequence[str | Signal] = field(default=("gpc",), repr=False)
    """The signals of browsers that are listened to: ``"gpc"``, ``"dnt"``, ``"adpc"``, and in Python objects
    of the site's own. They deny the categories that are `objectable`, until the visitor says otherwise
    here."""

    undeclared: Literal["withhold", "allow"] = "withhold"
    """What becomes of cookies that no category declares."""

    csp: Literal["off", "report", "enforce"] = "off"
    """Whether pages carry a second ``Content-Security-Policy`` by which browsers contact only the site
    and the declared hosts that are necessary or agreed to. ``report`` blocks nothing and collects the
    hosts that nobody declared; ``enforce`` blocks, and collects them too."""

    exclude: Sequence[str] = ()
    """Path prefixes of pages that never carry the banner, such as ``/embed``."""

    gate_excluded: bool = True
    """Whether cookies are withheld on excluded paths too."""

    gate_markup: bool = False
    """Whether pages and fragments leave without what would contact a declared host that the visitor has not
    agreed to: scripts, images, links, embeds. Every page is searched for the names of these hosts."""

    language: str | None = None
    """The one language of the texts; by default the page's own, else the visitor's."""

    default_language: str = "en"
    """The language for visitors none of whose languages is known."""

    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Wording of the site's own, by language and key: ``{"en": {"accept": "I accept cookies"}}``."""

    lifetime: int = 182
    """For how many days an answer counts; 180 to 400."""

    cache: Literal["private", "shared"] = "private"
    """For whom pages are kept: ``private`` puts together each visitor's own, ``shared`` sends every visitor
    the same bytes, so that a cache in front may keep them; the browser then shows the banner."""

    jurisdictions: Sequence[str] = ("EU",)
    """Whose law applies, as receipts tell: codes of ISO 3166 (``GB``, ``US-CA``), ``EU`` or ``EEA``."""

    cookie_domain: str | None = None
    """A parent domain whose subdomains share one answer; by default each host has its own."""

    consent_calls: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """What categories mean to the vendors' own consent interfaces: ``analytics``, ``marketing``,
    ``preferences``, or several. By default these three mean what they are called, and others nothing."""

    google_regions: Sequence[str] = ()
    """Where Google's tags are told to deny by default, if not everywhere: ``EEA``, which must be among
    them, and codes such as ``GB`` or ``US-CA`` (ISO 3166-2). Elsewhere they are told to grant by default."""

    listens: tuple[Signal, ...] = field(init=False, repr=False, compare=False)
    """What `signals` names, as objects."""

    catalogue: Catalogue = field(init=False, repr=False, compare=False)
    """The declarations, compiled."""

    told: Sequence[Told] = field(init=False, repr=False, compare=False)
    """Whose consent interfaces are told what the visitor allowed, and for which services."""

    @classmethod
    def from_toml(cls, path: str | os.PathLike[str], *, environ: Mapping[str, str] | None = None) -> Self:
        """Read a settings file; ``CONSENT_SECRET_KEYS`` (comma-separated), ``CONSENT_POLICY_URL`` and so
        on in ``environ`` (by default the process's own) win over it.

        Raises `ConfigurationError` with the file's name, the place in it and what is allowed.
        """
        from consent.settings_file import read_settings  # noqa: PLC0415  # cattrs takes 15 ms to import

        return read_settings(cls, Path(path), os.environ if environ is None else environ)

    def __post_init__(self) -> None:
        lists = ("secret_keys", "categories", "exclude", "google_regions", "jurisdictions", "signals")
        for name in lists:
            object.__setattr__(self, name, _tuple(name, getattr(self, name)))
        _check_controller(self.controller, self.controller_name)
        _check_secrets(self.secret_keys)
        self._check_addresses()
        self._check_choices()
        check_necessary(self.categories)
        object.__setattr__(self, "categories", _with_provider(self.categories, self.controller))
        object.__setattr__(self, "listens", resolve(self.signals))
        object.__setattr__(self, "catalogue", Catalogue(self.categories))
        told = vendors_told(self.catalogue, self.consent_calls, self.google_regions)
        object.__setattr__(self, "told", told)

    def _check_addresses(self) -> None:
        _check_shape("path", self.path, LOCAL_PATH, "a local path such as '/consent'")
        if self.policy_url is not None and not re.fullmatch(r"(/(?![/\\])|https?://)\S*", self.policy_url):
            allowed = "a local path such as '/cookies', or an address that begins with 'https://'"
            raise ConfigurationError("policy_url", f"came as {self.policy_url!r}; allowed is {allowed}.")
        if self.cookie_domain is not None:
            allowed = "a domain such as 'example.org'"
            _check_shape("cookie_domain", self.cookie_domain, DOMAIN, allowed)
        for index, code in enumerate(self.jurisdictions):
            allowed = "a code such as 'EU' or 'GB'"
            _check_shape(f"jurisdictions[{index}]", code, JURISDICTION, allowed)
        for index, prefix in enumerate(self.exclude):
            if not prefix.startswith("/"):
                problem = f"came as {prefix!r}; allowed is a path that begins with '/'."
                raise ConfigurationError(f"exclude[{index}]", problem)

    def _check_choices(self) -> None:
        _check_among("control", self.control, ("inject", "template"))
        _check_among("layout", self.layout, ("bar", "box", "inline", "modal"))
        _check_among("cache", self.cache, ("private", "shared"))
        _check_among("undeclared", self.undeclared, ("withhold", "allow"))
        _check_among("csp", self.csp, ("off", "report", "enforce"))
        if self.language is not None:
            _check_shape("language", self.language, LANGUAGE, "a language tag such as 'en'")
        _check_shape("default_language", self.default_language, LANGUAGE, "a language tag such as 'en'")
        for name in ("gate_excluded", "gate_markup"):
            _check_among(name, getattr(self, name), (True, False))
        changed: Any = self.policy_date
        if changed is not None and type(changed) is not date:
            problem = f"came as {changed!r}; allowed is a date such as 2026-11-23."
            raise ConfigurationError("policy_date", problem)
        if type(self.lifetime) is not int:
            raise ConfigurationError("lifetime", f"came as {self.lifetime!r}; allowed is a number of days.")
        if not MIN_LIFETIME <= self.lifetime <= MAX_LIFETIME:
            allowed = f"{MIN_LIFETIME} to {MAX_LIFETIME} days"
            raise ConfigurationError("lifetime", f"came as {self.lifetime!r}; allowed are {allowed}.")

    def listens_to(self, name: str) -> bool:
        """Whether the signal of this name is listened to."""
        return any(signal.name == name for signal in self.listens)

    @property
    def injects(self) -> bool:
        """Whether our scripts go into pages by themselves: into pages for all they always do."""
        return self.control == "inject" or self.cache == "shared"

    @property
    def policy_address(self) -> str:
        """Where the cookie policy stands: `policy_url`, else `path`."""
        return self.policy_url or self.path


def _tuple(name: str, value: Any) -> tuple[Any, ...]:
    if isinstance(value, (list, tuple)):
        return tuple(value)
    shown = type(value).__name__ if name == "secret_keys" else repr(value)
    raise ConfigurationError(name, f"came as {shown}; allowed is a list.")


def _check_controller(controller: Any, name: Any) -> None:
    if not isinstance(controller, str) or not controller.strip():
        problem = f"came as {controller!r}; allowed is the name and address of who is responsible."
        raise ConfigurationError("controller", problem)
    if name is not None and (not isinstance(name, str) or not name.strip() or name not in controller):
        problem = f"came as {name!r}; allowed is a name that stands in 'controller'."
        raise ConfigurationError("controller_name", problem)


def _with_provider(categories: Sequence[Category], controller: str) -> tuple[Category, ...]:
    """Of first parties that name nobody, the controller is the provider."""
    return tuple(
        replace(
            category,
            services=[s if s.provider else replace(s, provider=controller) for s in category.services],
        )
        for category in categories
    )


def _check_secrets(keys: Sequence[Any]) -> None:
    if not keys:
        where = "in CONSENT_SECRET_KEYS of the environment, not in a file (`consent new-key` prints one)"
        allowed = f"one or more keys of at least {MIN_SECRET_LENGTH} characters, {where}"
        raise ConfigurationError("secret_keys", f"is missing; allowed are {allowed}.")
    for index, key in enumerate(keys):
        if not isinstance(key, str) or len(key) < MIN_SECRET_LENGTH:
            came = f"{len(key)} characters" if isinstance(key, str) else type(key).__name__
            problem = f"came with {came} (not shown); allowed are at least {MIN_SECRET_LENGTH} characters."
            raise ConfigurationError(f"secret_keys[{index}]", problem)


def _check_shape(name: str, value: Any, shape: re.Pattern[str], allowed: str) -> None:
    if not isinstance(value, str) or not shape.fullmatch(value):
        raise ConfigurationError(name, f"came as {value!r}; allowed is {allowed}.")


def _check_among(name: str, value: Any, allowed: tuple[str | bool, ...]) -> None:
    if value not in allowed:
        words = " or ".join(repr(word) for word in allowed)
        raise ConfigurationError(name, f"came as {value!r}; allowed is {words}.")
