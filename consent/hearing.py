"""What the signals of one request come to for one visitor; knows no cookie, no clock and no ASGI."""

import logging
from collections.abc import Mapping, Sequence
from functools import lru_cache

from consent.catalogue import Catalogue
from consent.gates.headers import Header
from consent.model import Category
from consent.signals import Adpc, Signal, Values
from consent.state import Answer, Consent, Said

MAX_KEPT = 4_096
"""Bytes of the longest headers whose meaning is kept, so that nobody fills the memory with theirs."""

_log = logging.getLogger("consent")


class Hearing:
    """Built once from the signals that a site listens to.

    ``requests`` maps the identifiers of today's consent requests to categories, for ADPC.
    """

    def __init__(
        self, signals: Sequence[Signal], catalogue: Catalogue, requests: Mapping[str, str] | None = None
    ) -> None:
        self._signals = tuple(signals)
        self._asked = catalogue.asked
        self._ids = frozenset(category.id for category in catalogue.asked)
        self._whole = {name: catalogue.expanded(frozenset({name})) for name in self._ids}
        self._requests = requests or {}
        fields = dict.fromkeys(name for signal in signals for name in signal.headers)
        self.fields = tuple(fields)
        """The request headers that signals come in, as ``Vary`` names them."""
        self.headers = frozenset(name.lower().encode() for name in fields)
        """The same as ASGI has them."""
        self._remembered = lru_cache(maxsize=256)(self._listen)

    def hear(self, headers: Sequence[Header]) -> tuple[Said, ...]:
        """What these headers say, which are signals' own: one entry for each signal that is there."""
        lines = tuple(headers)
        if sum(len(name) + len(value) for name, value in lines) > MAX_KEPT:
            return self._listen(lines)
        return self._remembered(lines)

    def _listen(self, lines: tuple[Header, ...]) -> tuple[Said, ...]:
        values: dict[str, list[str]] = {}
        for name, value in lines:
            values.setdefault(name.decode("latin-1"), []).append(value.decode("latin-1"))
        found = (self._one(signal, values) for signal in self._signals)
        return tuple(said for said in found if said is not None)

    def _one(self, signal: Signal, values: Values) -> Said | None:
        if isinstance(signal, Adpc):
            return signal.said(values, self._asked, self._requests)
        try:
            denied = signal.denies(values, self._asked)
            return None if denied is None else Said(name=signal.name, denied=self._ids.intersection(denied))
        except Exception:  # noqa: BLE001  # the site's own code: where it fails, nobody has agreed
            _log.exception("The signal %r could not be read; it is taken for an objection.", signal.name)
            return Said(name=signal.name, denied=self._ids)

    def lay_over(self, consent: Consent, heard: tuple[Said, ...]) -> Consent:
        """The standing ``consent``, which comes of the visitor's answer alone, under what is ``heard``.

        A denial takes what was granted before without it being there; a consent of ADPC grants. What the
        visitor decided in the face of a signal counts more than that signal.
        """
        granted, denied = set(consent.granted), set(consent.denied)
        objected = set[str]()
        for category in self._asked:
            against = _against(consent.answer, category)
            whole = self._whole[category.id]
            if _grants(category, heard, against, consent):
                granted |= whole
                denied -= whole
                continue
            for said in heard:
                if category.id in said.denied:
                    off = whole - consent.granted if said.name in against else whole
                    granted -= off
                    objected |= off - consent.denied
        return Consent(
            granted=frozenset(granted),
            denied=frozenset(denied | objected),
            undecided=consent.known.difference(granted, denied, objected),
            heard=heard,
            objected=frozenset(objected),
            answer=consent.answer,
        )


def _against(answer: Answer | None, category: Category) -> frozenset[str]:
    return answer.against.get(category.id, frozenset()) if answer else frozenset()


def _grants(category: Category, heard: tuple[Said, ...], against: frozenset[str], consent: Consent) -> bool:
    """Whether a browser's own consent counts: not where the visitor has refused here in its face."""
    return any(
        category.id in said.granted and not (category.id in consent.denied and said.name in against)
        for said in heard
    )
