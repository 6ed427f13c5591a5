"""Finds in bytes where hosts may be named, however they are written; knows no markup and no consent.

Python's patterns look at every byte, and are quick only as long as they look for one that is always the same:
so each host is looked for by its first dot, and most dots are refused by the letter on either side. A byte
that does not occur is told twenty times as quickly, which spares many pages the other searches.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final

_NAME_BYTES: Final = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_")
_LONGEST_NAME: Final = 253

_LINE_ENDS: Final = b"\t\n\r"
"""What browsers take out of addresses, wherever it stands (https://url.spec.whatwg.org/#url-parsing)."""

_END: Final = r"\t\n\r"
_ENDS: Final = rf"[{_END}]*+"
_RUN: Final = rb"[a-zA-Z0-9.@:_\t\n\r-]*+"
_REFERRED: Final = re.compile(rb"&(?:#(?:0*(?:47|92)|[xX]0*(?:2[fF]|5[cC]))(?![0-9a-fA-F])|b?sol;)")
_SLASHED: Final = re.compile(rb"/[\t\n\r]*+/" + _RUN + rb"[%&\\\x80-\xff]")
_SCHEMED: Final = re.compile(rb":(?<=[pPsS\t\n\r]:)[/\\\t\n\r]*+" + _RUN + rb"[%&\x80-\xff]")
_BACKSLASHED: Final = re.compile(rb"\\(?:[\\/]|(?<=/\\))" + _RUN + rb"[%&\x80-\xff]")
"""Hosts that are written so that their names cannot be read off the bytes."""


class HostSearch:
    """Looks for ``hosts``, and so for their subdomains; compiles what it needs when it is first used."""

    def __init__(self, hosts: Iterable[str]) -> None:
        dotted = [host.partition(".") for host in hosts]
        self._tails: dict[str, list[str]] = {}
        for label, dot, tail in dotted:
            if dot:
                self._tails.setdefault(tail, []).append(label)
        self._bare = [label for label, dot, _ in dotted if not dot]

    def names(self, data: bytes) -> bool:
        """Whether ``data`` may name one of them in an address or a script."""
        for find in self._readable:
            match = find.search(data)
            if match is not None and self._is_certain(data, match.start()):
                return True
        unreadable = _unreadable(data)
        return bool(unreadable) and any(find.search(data) for find in unreadable)

    def positions(self, data: bytes) -> list[int]:
        """Where ``data`` may name one, in order; some of these turn out to be nothing."""
        finders = [*self._readable, *_unreadable(data)]
        return sorted(match.start() for find in finders for match in find.finditer(data))

    def whole(self, text: bytes) -> Iterator[str]:
        """The whole names of hosts in ``text`` that hold one of them."""
        for match in self._plain.finditer(text):
            start, end = match.span()
            while start > 0 and text[start - 1] in _NAME_BYTES and match.start() - start < _LONGEST_NAME:
                start -= 1
            while end < len(text) and text[end] in _NAME_BYTES and end - match.end() < _LONGEST_NAME:
                end += 1
            yield text[start:end].decode("ascii").lower().strip(".")

    def _is_certain(self, data: bytes, place: int) -> bool:
        """Whether one is named at ``place`` or anywhere else, and no line only begins with another name."""
        if self._plain.match(data, place):
            return True
        return self._plain.search(data.translate(None, _LINE_ENDS)) is not None

    @cached_property
    def _plain(self) -> re.Pattern[bytes]:
        """Each host as it is, in whatever case."""
        found = [
            f"{re.escape(tail)}(?:{'|'.join(_behind(f'{label}.{tail}') for label in labels)})"
            for tail, labels in self._tails.items()
        ]
        bare = [rf"(?i:{re.escape(host)})" for host in self._bare]
        return re.compile("|".join([rf"\.(?i:{'|'.join(found)})"] * bool(found) + bare).encode())

    @cached_property
    def _readable(self) -> Sequence[re.Pattern[bytes]]:
        """The same with line ends anywhere, and what may be a host with one in its first label."""
        patterns = [_dotted(self._tails)] if self._tails else []
        patterns += [f"(?i:{'|'.join(map(_broken, self._bare))})"] if self._bare else []
        return [re.compile(pattern.encode(), re.DOTALL) for pattern in patterns]


def _unreadable(data: bytes) -> Sequence[re.Pattern[bytes]]:
    """What finds hosts whose bytes do not tell their names; nothing for pages without the bytes it takes."""
    referred, slashed = b"&" in data, b"\\" in data
    if not (referred or slashed or b"%" in data) and data.isascii():
        return ()
    return [_SLASHED, _SCHEMED] + [_REFERRED] * referred + [_BACKSLASHED] * slashed


def _dotted(tails: Mapping[str, Sequence[str]]) -> str:
    """By the dot after the first label: a byte of what follows and before it, and only then all of both."""
    after: dict[str, list[str]] = {}
    for tail in tails:
        after.setdefault(tail[0], []).append(tail)
    finals = "".join({_cases(label[-1]) for labels in tails.values() for label in labels})
    whole, broken = list[str](), list[str]()
    for initial, several in after.items():
        rest = [_ENDS + _broken(tail[1:]) for tail in several]
        broken.append(f"[{_cases(initial)}](?i:{'|'.join(rest)})")
        behind = [found + _labels(tail, tails[tail]) for found, tail in zip(rest, several, strict=True)]
        whole.append(f"(?<=[{_cases(initial)}])(?i:{'|'.join(behind)})")
    return (
        rf"\.[{''.join(map(_cases, after))}{_END}](?<=[{finals}{_END}]\..)"
        rf"(?:{'|'.join(whole)}|(?<=[{_END}]){_ENDS}(?:{'|'.join(broken)}))"
    )


def _labels(tail: str, labels: Sequence[str]) -> str:
    """One of ``labels`` before ``tail``, or a line end in one or the other."""
    unbroken = rf"[^{_END}]{{{max(map(len, labels))}}}\.{re.escape(tail)}"
    return rf"(?:{'|'.join(_behind(f'{label}.{tail}') for label in labels)}|(?<!{unbroken}))"


def _broken(text: str) -> str:
    return _ENDS.join(map(re.escape, text))


def _cases(letter: str) -> str:
    return re.escape("".join(sorted({letter, letter.upper()})))


def _behind(host: str) -> str:
    return f"(?<={re.escape(host)})"
