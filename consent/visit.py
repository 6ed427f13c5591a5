"""What is known of one request before its answer, for the gates that the answer passes; sends nothing."""

from starlette.types import Scope

from consent.gates.body import written
from consent.gates.csp import wants_document
from consent.gates.etags import Conditions
from consent.gates.headers import Header
from consent.gates.representation import FRAGMENTS, is_navigation, is_prefetch
from consent.gates.site_policy import ANY_TAGS, Tags
from consent.outgoing import consent_links
from consent.request_consent import RequestConsent
from consent.state import Consent


class Visit:
    """One request of one visitor: the standing is read here without telling that the app asked for it."""

    __slots__ = ("consent", "gatekeeper")

    def __init__(self, consent: RequestConsent) -> None:
        self.consent = consent
        self.gatekeeper = consent.gatekeeper

    def settle_conditions(self, scope: Scope) -> None:
        """Let the app see of the request's conditions what is true of this visitor's answer."""
        conditions = Conditions(self.mark(), method=self.consent.method, page=self._is_sent_whole)
        scope["headers"] = conditions.filter([*scope["headers"]])
        self.consent.conditioned = conditions.mapped

    @property
    def is_shared(self) -> bool:
        """Whether pages are to be the same for every visitor."""
        return self.gatekeeper.is_shared

    @property
    def now(self) -> float:
        """When the request came, in Unix seconds."""
        return self.consent.now

    @property
    def is_paged(self) -> bool:
        """Whether it will be shown as a page of its own."""
        return self.consent.is_paged

    @property
    def reads(self) -> bool:
        """Whether the request only reads."""
        return self.consent.method in ("GET", "HEAD")

    @property
    def is_head(self) -> bool:
        """Whether only headers are wanted."""
        return self.consent.method == "HEAD"

    @property
    def standing(self) -> Consent:
        """The visitor's standing, with what a view has decided since."""
        return self.consent.peek

    @property
    def asked(self) -> bool:
        """Whether a view has asked for the consent, so that what it answers depends on it."""
        return self.consent.asked

    @property
    def gated_standing(self) -> Consent:
        """The standing that markup and policies are for: nobody's where pages are the same for all."""
        return self.gatekeeper.undecided if self.is_shared else self.standing

    @property
    def withholds_markup(self) -> bool:
        """Whether there is markup that this visitor's pages go without."""
        markup = self.gatekeeper.markup
        return markup is not None and bool(markup.withholding(self.gated_standing).hosts)

    @property
    def _is_sent_whole(self) -> bool:
        """Whether the answer is put together here, so that nothing known from before counts (R35)."""
        gatekeeper = self.gatekeeper
        if self.withholds_markup:
            return is_navigation(self.consent.fields) or not FRAGMENTS.isdisjoint(self.consent.fields)
        policed = gatekeeper.policies.is_on and self._wants_document
        return (self.is_paged or policed) and is_navigation(self.consent.fields)

    @property
    def _wants_document(self) -> bool:
        return wants_document(self.consent.sent)

    @property
    def policy(self) -> Header | None:
        """The policy of the layer for a document, where that gate is on."""
        policies = self.gatekeeper.policies
        if not policies.is_on or not self._wants_document:
            return None
        return policies.header(self.gated_standing, base=self.consent.base)

    @property
    def links(self) -> list[Header]:
        """What a document says of our consent requests."""
        return consent_links(self.consent) if self._wants_document else []

    @property
    def is_prefetch(self) -> bool:
        """Whether nobody looks at the answer yet."""
        return is_prefetch(self.consent.fields)

    def carries(self) -> bool:
        """Whether something of ours goes into the page, into its head or its body."""
        return self.consent.is_paged and (self.gatekeeper.fragments.calls or self._carries_body())

    def _carries_body(self) -> bool:
        """The same for the body of what is shown as a page."""
        consent = self.consent
        if consent.shows_choices or consent.places_banner:
            return False
        return consent.now < consent.told_until or self.gatekeeper.fragments.always

    def early(self, tags: Tags) -> str:
        """What goes first into the head."""
        fragments, consent = self.gatekeeper.fragments, self.consent
        if not (fragments.calls and consent.is_paged):
            return ""
        return fragments.early(consent.peek, base=consent.base, tags=tags)

    def fragment(self, tags: Tags, page_language: str | None) -> str:
        """What goes first into the body, with such ``tags`` as the site's own policy lets in."""
        if not (self.is_paged and self._carries_body()):
            return ""
        consent, fragments = self.consent, self.gatekeeper.fragments
        if self.is_shared:
            language = consent.shown_language(page_language)
            return fragments.shared(language=language, base=consent.base, return_to=consent.path)
        return fragments.personal(
            consent.peek,
            language=consent.language(page_language),
            base=consent.base,
            return_to=consent.address,
            now=consent.now,
            tags=tags,
        )

    def written(self, tags: Tags, page_language: str | None, codec: str) -> bytes:
        """`fragment` in the page's own characters, kept for all who ask the same of the same page."""
        consent, gatekeeper = self.consent, self.gatekeeper
        alike = tags is ANY_TAGS and consent.method == "GET" and not gatekeeper.is_shared
        if not (alike and consent.is_paged and self._carries_body()):
            return written(self.fragment(tags, page_language), codec)
        # Found here, it costs 4,000 instructions instead of 18,000.
        fragments = gatekeeper.fragments
        key = consent.place(page_language, codec)
        found = fragments.found(key, consent.peek)
        if found is None:
            found = written(self.fragment(tags, page_language), codec)
            fragments.keep(key, found)
        return found

    def mark(self) -> bytes | None:
        """What the entity tag of an answer ends in; ``None`` for an answer that is not to have one."""
        base = self.consent.base
        if self.is_shared:
            # What a view makes for one visitor among pages for all is never confirmed by a 304.
            return None if self.asked else self.gatekeeper.marks.of_all(base)
        return self.gatekeeper.marks.of(
            self.standing,
            fresh=self.gatekeeper.fragments.is_fresh(self.standing, self.now),
            paged=self.consent.is_shown,
            language=self.consent.shown_language(),
            base=base,
        )
