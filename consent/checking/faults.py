"""Finds everything that keeps a file from being settings, not only the first of it; reads no file.

What builds the settings tells the errors that it meets. Each is looked for in the data and mended there, and
the building begins again, until nothing is wrong or nothing can be mended any more.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from consent.checking.mending import mended
from consent.errors import ConfigurationError
from consent.settings_errors import Place

Errors = Callable[[Mapping[str, Any]], Sequence[tuple[Place, ConfigurationError]]]
"""Tells what is wrong with the data of a file: nothing if it can be used."""

_Problem = tuple[Place, str]

_SERVICE = re.compile(r"[Ss]ervice '([^']*)'")
_CATEGORY = re.compile(r"Category '([^']*)'")
_MISSING = re.compile(r"'(\w+)' is missing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One error, and the key or table of the file that it is about."""

    place: Place
    error: ConfigurationError

    @property
    def is_missing(self) -> bool:
        """Whether a key is not there, and what is there is in order."""
        return _MISSING.match(self.error.problem) is not None


def faults(data: Mapping[str, Any], errors: Errors) -> tuple[tuple[Fault, ...], Mapping[str, Any] | None]:
    """All that is wrong, and the data in which it is mended; ``None`` if that cannot be done."""
    found: list[Fault] = []
    while met := errors(data):
        search = _Search(data, errors)
        located = [(search.place(place, error), error) for place, error in met]
        found += [Fault(place=place, error=error) for place, error in located]
        better = reduce(_better, (_mend(place, error) for place, error in located), data)
        if better == data:
            return tuple(found), None
        data = better
    return tuple(found), data


def _better(data: Mapping[str, Any], place: Place) -> Mapping[str, Any]:
    """The data mended at ``place``, or as near around it as can be."""
    while place:
        better: Mapping[str, Any] = mended(data, place)
        if better != data:
            return better
        place = place[:-1]
    return data


def _mend(place: Place, error: ConfigurationError) -> Place:
    """Where something has to be put: what is missing goes into the table that is named."""
    missing = _MISSING.match(error.problem)
    return (*place, missing[1]) if missing else place


class _Search:
    """Looks for what an error is about: that without which it is not met any more."""

    def __init__(self, data: Mapping[str, Any], errors: Errors) -> None:
        self._data = data
        self._errors = errors
        self._met = _problems(errors(data))

    def place(self, place: Place, error: ConfigurationError) -> Place:
        """The innermost key or item at fault in what is at ``place``, or in what the error names."""
        if not error.place:
            return place
        named = _named(self._data, place, error)
        if _MISSING.match(error.problem):
            return named
        key = self._culprit(_inside(self._data, named), (place, error.problem), str(error))
        return named if key is None else self._culprit(_items(self._data, key), (place, error.problem)) or key

    def _culprit(self, places: Iterable[Place], problem: _Problem, text: str = "") -> Place | None:
        """That of ``places`` without which the problem is gone, best without bringing up another.

        Where that does not tell, it is the one that ``text`` mentions.
        """
        best: tuple[tuple[bool, bool], Place] | None = None
        for place in places:
            without = mended(self._data, place)
            met = self._met if without == self._data else _problems(self._errors(without))
            rank = (not met <= self._met, str(place[-1]) not in text)
            if problem not in met and (best is None or rank < best[0]):
                best = rank, place
        return best and best[1]


def _problems(met: Sequence[tuple[Place, ConfigurationError]]) -> set[_Problem]:
    return {(place, error.problem) for place, error in met}


def _at(data: Any, place: Place) -> Any:
    for step in place:
        found = isinstance(data, dict) and step in data
        found = found or (isinstance(data, list) and isinstance(step, int) and step < len(data))
        data = data[step] if found else None
    return data


def _inside(data: Any, place: Place) -> Iterator[Place]:
    """The keys of a table; the services in it have errors of their own."""
    table = _at(data, place)
    for key in table if isinstance(table, dict) else ():
        if key != "service":
            yield (*place, key)


def _items(data: Any, place: Place) -> Iterator[Place]:
    found = _at(data, place)
    for index in range(len(found)) if isinstance(found, list) else ():
        yield (*place, index)


def _named(data: Mapping[str, Any], place: Place, error: ConfigurationError) -> Place:
    """What the error names inside ``place``: a service, a category, or a key as it is written."""
    service, category = _SERVICE.search(error.place), _CATEGORY.search(error.place)
    wanted = (service or category or [None])[1 if service or category else 0]
    places = [
        found
        for found, name in _ids(data)
        if name == wanted and (len(found) > 2) == bool(service) and found[: len(place)] == place
    ]
    # Of two with one id, the second is too much.
    return places[-1] if places else place or _key(data, error.place)


def _ids(data: Any) -> Iterator[tuple[Place, Any]]:
    """The id of each category and each service, with its place."""
    for category in _tables(data, ("category",)):
        yield category, _at(data, (*category, "id"))
        for service in _tables(data, (*category, "service")):
            yield service, _at(data, (*service, "id")) or _at(data, (*service, "use"))


def _tables(data: Any, place: Place) -> Iterator[Place]:
    """The tables in the list at ``place``: anything else may stand there."""
    return (item for item in _items(data, place) if isinstance(_at(data, item), dict))


def _key(data: Any, text: str) -> Place:
    """``exclude[0]`` or ``texts.en.partners.one``, as far as it is in the data; else the first key."""
    place: Place = ()
    while text:
        index = re.match(r"\[(\d+)\]", text)
        key = next((name for name in _longest_first(_at(data, place)) if _begins(text, name)), None)
        if index:
            place, text = (*place, int(index[1])), text[index.end() :]
        elif key is not None:
            place, text = (*place, key), text[len(key) :].removeprefix(".")
        else:
            return place or (re.split(r"\W", text)[0],)
    return place


def _longest_first(table: Any) -> list[str]:
    return sorted(table, key=len, reverse=True) if isinstance(table, dict) else []


def _begins(text: str, name: str) -> bool:
    return re.match(rf"{re.escape(name)}(?![\w-])", text) is not None
