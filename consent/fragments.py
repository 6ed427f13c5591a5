"""What of ours goes into a page: banner, confirmation, way back, early script; knows no response."""

from collections import OrderedDict
from functools import lru_cache
from typing import Any, Final

from consent.counts import Counts
from consent.gates.site_policy import Tags
from consent.state import Consent
from consent.ui.rendering import Renderer

CONFIRMED_FOR: Final = 60
"""Seconds after a decision during which pages can show its confirmation."""

MAX_KEPT: Final = 256
"""Fragments kept whole; one is some 4 KB."""

MAX_ADDRESS: Final = 200
"""Characters of the longest address whose fragment is kept: whoever sends a request chooses it."""


class Fragments:
    """Puts together what stands first in ``<body>`` and ``<head>``.

    ``injects`` adds the link for changing one's mind. ``calls`` is whether pages get the script of the
    vendors' consent calls, ``shared`` whether they are the same for all visitors.
    """

    def __init__(
        self, renderer: Renderer, counts: Counts, *, injects: bool, calls: bool, shared: bool
    ) -> None:
        self._renderer = renderer
        self._counts = counts
        self._injects = injects
        self.calls = calls
        """Whether every page carries the early script."""
        self.always = injects or shared
        """Whether every page carries something in its body."""
        self._found = OrderedDict[tuple[object, ...], bytes]()
        # Put together from three templates it costs 25 us, kept 1 us.
        self._kept = lru_cache(maxsize=MAX_KEPT)(self._made)

    def early(self, consent: Consent, *, base: str, tags: Tags) -> str:
        """What goes first into the head of a page."""
        return self._renderer.calls(consent, base=base, tags=tags) if self.calls and tags.calls else ""

    def found(self, key: tuple[object, ...], consent: Consent) -> bytes | None:
        """What `keep` was given under this key."""
        found = self._found.get(key)
        if found is not None and self._counts.is_on and consent.undecided:
            self._counts.asked()
        return found

    def keep(self, key: tuple[object, ...], fragment: bytes) -> None:
        """Keep what goes into such a body; ``key`` is all that it depends on."""
        if sum(len(part) for part in key if isinstance(part, str | bytes)) <= MAX_ADDRESS:
            if len(self._found) >= MAX_KEPT:
                self._found.popitem(last=False)
            self._found[key] = fragment

    def personal(
        self, consent: Consent, *, language: str, base: str, return_to: str, now: float, tags: Tags
    ) -> str:
        """What goes first into the body of a page: the banner, or what tells of the decision."""
        if self._counts.is_on and consent.undecided:
            self._counts.asked()
        fresh = consent.answer is not None and now < consent.answer.time + CONFIRMED_FOR
        has_nonce = tags.script_nonce is not None or tags.style_nonce is not None
        make = self._made if has_nonce or len(base) + len(return_to) > MAX_ADDRESS else self._kept
        return make(consent, language, base, return_to, fresh, tags)

    def _made(
        self, consent: Consent, language: str, base: str, return_to: str, fresh: bool, tags: Tags
    ) -> str:
        renderer, parts = self._renderer, list[str]()
        place: Any = {"language": language, "base": base, "return_to": return_to, "nonce": tags.style_nonce}
        if consent.undecided:
            parts.append(renderer.banner(consent=consent, styled=tags.style, **place))
        elif fresh:
            parts.append(renderer.confirmation(consent, styled=tags.style, **place))
        if self._injects:
            parts.append(renderer.control(styled=tags.style and not parts, **place))
            if tags.script:
                parts.append(renderer.script(consent, base=base, tags=tags))
        return "".join(parts)

    def shared(self, *, language: str, base: str, return_to: str) -> str:
        """The same for every visitor: a banner that the browser shows to whom it concerns."""
        renderer = self._renderer
        parts = [renderer.shared_banner(language=language, base=base, return_to=return_to)]
        if self._injects:
            parts.append(renderer.control(language=language, base=base, return_to=return_to, styled=False))
        return "".join([*parts, renderer.shared_script(base=base)])

    def is_fresh(self, consent: Consent, now: float) -> bool:
        """Whether the decision was made so recently that pages confirm it."""
        return consent.answer is not None and now < consent.answer.time + CONFIRMED_FOR
