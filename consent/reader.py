"""What a request's cookies and signals say of the visitor's standing; knows no ASGI and no clock."""

import math
import sys
from array import array
from collections import OrderedDict
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, TypeVar

from consent.catalogue import Catalogue
from consent.fragments import CONFIRMED_FOR
from consent.gates.headers import Header
from consent.hearing import Hearing
from consent.signing import ConsentSigner
from consent.state import Answer, Consent

MAX_REMEMBERED: Final = 4_096
"""Verified cookie values kept, so that a visitor's pages after the second cost no hash."""

MAX_PASSED: Final = 1_024
"""Bytes of the longest ``Cookie`` header kept as a whole."""

MAX_CANDIDATES: Final = 4
"""Cookies of the layer's name that are verified; more than one is an accident already."""

ALWAYS: Final = math.inf
NOT_KNOWN: Final = -math.inf
_FOREVER: Final = sys.float_info.max
"""Until when an answer that counts no more means nothing: not `ALWAYS`, as other cookies may come with it."""

Read = tuple[Consent, float, float]
"""A standing, until when what it was read from will come to the same, and `told_until` of it."""

_V = TypeVar("_V")


def told_until(consent: Consent) -> float:
    """Until when pages have something to tell this visitor: a question, or for a while what was decided."""
    if consent.undecided:
        return ALWAYS
    return NOT_KNOWN if consent.answer is None else consent.answer.time + CONFIRMED_FOR


class Reader:
    """Built once for https and once for http; ``name`` is what the layer's cookie is called there,
    ``lifetime`` is in seconds.

    It keeps what it has read, and hands out only values that stay true for whoever sends the same bytes.
    """

    def __init__(
        self, catalogue: Catalogue, signer: ConsentSigner, hearing: Hearing, *, name: str, lifetime: int
    ) -> None:
        self._catalogue = catalogue
        self._signer = signer
        self._hearing = hearing
        self._lifetime = lifetime
        self._wanted = name.encode()
        self._alone = self._wanted + b"="
        self.undecided = catalogue.standing(None)
        """The standing of who has said nothing."""
        self._undecided_under = lru_cache(maxsize=256)(lambda heard: hearing.lay_over(self.undecided, heard))
        # Of values met once only the hash is kept, in its place: nothing grows, however many strangers come.
        self._met = array("q", bytes(8 * MAX_REMEMBERED))
        self._remembered = OrderedDict[bytes, tuple[Consent, float]]()
        self._passed = OrderedDict[bytes, tuple[float, Read]]()
        self._nothing: Read = self.undecided, ALWAYS, told_until(self.undecided)

    def read(self, cookie: bytes, now: float) -> Read:
        """What the one ``Cookie`` header comes to that there is.

        Until ``ALWAYS``: the read gate need not look at it. ``NOT_KNOWN``: nothing is to be kept of it.
        """
        if not cookie:
            return self._nothing
        # A hit here spares taking pairs apart, and the read gate: 4 us for one cookie, 10 for six.
        passed = self._passed.get(cookie)
        if passed is not None and now < passed[0]:
            return passed[1]
        values = self._values(cookie)
        consent, until = self._answered(values, now) if values else (self.undecided, NOT_KNOWN)
        if values and len(cookie) == len(self._alone) + len(values[0]):
            # Nothing beside ours that the read gate could take out: 8,000 instructions less.
            self.let_pass(cookie, consent, until)
            until = ALWAYS
        return consent, until, told_until(consent)

    def let_pass(self, cookie: bytes, consent: Consent, until: float) -> None:
        """Keep what this ``Cookie`` header comes to, and that nothing is to be taken out of it."""
        if until > 0 and len(cookie) <= MAX_PASSED:
            _keep(self._passed, cookie, (until, (consent, ALWAYS, told_until(consent))))

    def standing(self, headers: list[Header], now: float) -> Consent:
        """What the request's cookie says today, with what the browser says by itself laid over.

        Anything unreadable or too old is undecided. Of several cookies of the name, the first that
        verifies counts.
        """
        cookies = [value for name, value in headers if name == b"cookie"]
        consent, _ = self._answered([value for cookie in cookies for value in self._values(cookie)], now)
        signals = [header for header in headers if header[0] in self._hearing.headers]
        heard = self._hearing.hear(signals) if signals else ()
        if not heard:
            return consent
        return (
            self._undecided_under(heard)
            if consent is self.undecided
            else self._hearing.lay_over(consent, heard)
        )

    def _answered(self, values: Sequence[bytes], now: float) -> tuple[Consent, float]:
        for value in values[:MAX_CANDIDATES]:
            found = self._read(value.strip(b' \t"'), now)
            if found is not None:
                return found
        return self.undecided, NOT_KNOWN

    def _values(self, cookie: bytes) -> list[bytes]:
        """All that this header says under our name."""
        wanted = self._wanted
        times = cookie.count(wanted)
        if times == 1:
            before, ours, rest = cookie.partition(self._alone)
            if ours and (not before or before[-2:] == b"; "):
                # As browsers write it: the other cookies need not be taken apart.
                return [rest.partition(b";")[0]]
        elif not times:
            return []
        pairs = (pair.partition(b"=") for pair in cookie.split(b";"))
        return [value for name, _, value in pairs if name.strip() == wanted]

    def _read(self, value: bytes, now: float) -> tuple[Consent, float] | None:
        known = self._remembered.get(value)  # a hit costs 0.2 us, a verification 8
        if known is not None and now < known[1]:
            return known
        answer = known[0].answer if known else self._signer.loads(value.decode("latin-1"))
        if answer is None:
            return None
        kept = self._today(answer, now)
        hashed = hash(value)
        place = hashed % MAX_REMEMBERED
        if known or self._met[place] == hashed:
            _keep(self._remembered, value, kept)
        else:
            # Who comes once leaves nothing behind that the garbage collector has to walk through: 15 us.
            self._met[place] = hashed
        return kept[0], NOT_KNOWN

    def _today(self, answer: Answer, now: float) -> tuple[Consent, float]:
        """What ``answer`` means at ``now``, and until when it will mean that."""
        if not answer.verdicts:
            return self.undecided, _FOREVER
        after = now - self._lifetime
        oldest: float = answer.time
        if answer.ages:
            times = map(answer.time_of, answer.verdicts)
            oldest = min((time for time in times if time > after), default=after)
        if oldest <= after:
            return self.undecided, _FOREVER
        return self._catalogue.standing(answer, after=after), oldest + self._lifetime


def _keep(store: OrderedDict[bytes, _V], value: bytes, what: _V) -> None:
    """Keep one more, and let go of the oldest where there are too many."""
    if value not in store and len(store) >= MAX_REMEMBERED:
        store.popitem(last=False)
    store[value] = what
