"""What visitors are told of the signals of their browsers, as values; knows no markup and no request."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from consent.catalogue import Catalogue
from consent.signals import DNT, GPC, Signal, objectable
from consent.state import Consent
from consent.ui.texts import Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalContent:
    """One signal that the site listens to; ``seen`` is for whoever sends it and has decided nothing."""

    name: str
    label: str
    seen: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Objections:
    """What is said of signals: ``text`` to everybody, ``override`` to whoever sends one.

    ``known`` holds those that can change anything on this site; without any, nothing is said.
    """

    title: str
    text: str
    override: str
    known: tuple[SignalContent, ...]

    def seen(self, consent: Consent, names: Mapping[str, str], texts: Texts) -> str:
        """What the visitor of this standing is told; empty if no signal keeps anything off.

        ``names`` are those of the categories that are asked for, by their ids.
        """
        objected = consent.objected & names.keys()
        if not objected:
            return ""
        named = {said.name for said in consent.heard if not said.denied.isdisjoint(objected)}
        return _seen([signal.label for signal in self.known if signal.name in named], objected, names, texts)


def describe_objections(
    signals: Sequence[Signal], catalogue: Catalogue, names: Mapping[str, str], texts: Texts
) -> Objections:
    """What a visitor is told who reads the language of ``texts``."""
    general = objectable(catalogue.asked)
    known = [signal for signal in signals if names and (general or not _is_general(signal))]
    if not known:
        return Objections(title="", text="", override="", known=())
    concerned = general if all(map(_is_general, known)) else names.keys()
    return Objections(
        title=texts.text("signal.title"),
        text=texts.text(
            "signal.text",
            signals=texts.listing(signal.label for signal in known),
            names=_listing(concerned, names, texts),
        ),
        override=texts.text("signal.override"),
        known=tuple(
            SignalContent(
                name=signal.name,
                label=signal.label,
                seen=_seen([signal.label], general or names.keys(), names, texts),
            )
            for signal in known
        ),
    )


def _is_general(signal: Signal) -> bool:
    """Whether all that it denies is what is objectable."""
    return signal in (GPC, DNT)


def _seen(labels: Sequence[str], ids: Set[str], names: Mapping[str, str], texts: Texts) -> str:
    return texts.text("signal.seen", signal=texts.listing(labels), names=_listing(ids, names, texts))


def _listing(ids: Set[str], names: Mapping[str, str], texts: Texts) -> str:
    return texts.listing(name for category, name in names.items() if category in ids)
