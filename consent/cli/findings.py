"""Checks settings in a file or in a site's own code, and says where each finding stands; prints nothing."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from consent.checking import Finding, findings
from consent.checking.choices import check_written
from consent.checking.explaining import explained
from consent.checking.faults import faults
from consent.checking.kinds import kind
from consent.checking.mending import STAND_IN
from consent.cli import sites
from consent.cli.positions import Position, Positions
from consent.errors import ConfigurationError
from consent.gatekeeper import Gatekeeper
from consent.settings import ConsentSettings
from consent.settings_errors import Place
from consent.settings_errors import written as in_words
from consent.settings_file import PREFIX, from_environment, new_converter, seen_from, structured

_KEY = "a key that is used while nothing is signed"
_POSITION = re.compile(r" \(at line (\d+), column (\d+)\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """A finding and where it stands: in a file by ``position``, elsewhere ``where`` says it all."""

    finding: Finding
    where: str
    position: Position | None = None

    @property
    def order(self) -> tuple[Position, str]:
        """As a file is read, from top to bottom; then the rest."""
        return self.position or (10**9, 0), self.where

    def as_dict(self) -> dict[str, Any]:
        """All of it as JSON values."""
        line, column = self.position or (None, None)
        return {"where": self.where, "line": line, "column": column, **self.finding.as_dict()}


def check_address(
    address: str, *, environ: Mapping[str, str], today: date, given: str = "PATH"
) -> Sequence[Located]:
    """Everything found at ``address``, in the order of the file; ``given`` is where it was named.

    Raises `ConfigurationError` if there is nothing that could be checked.
    """
    named = sites.in_code(address)
    if named is None:
        return sorted(_in_file(Path(address), environ, today), key=lambda one: one.order)
    return [
        Located(finding=found, where=_inside(address, found.place))
        for found in _in_code(*named, today, given)
    ]


def _inside(address: str, place: Place) -> str:
    return f"{address}, {in_words(place)}" if place else address


# --- the site's own code --------------------------------------------------------------------------


def _in_code(module: str, attribute: str, today: date, given: str) -> Iterator[Finding]:
    with sites.some_key():
        try:
            settings = sites.imported(module, attribute, given)
        except ConfigurationError as error:
            if error.place == given:
                raise
            yield explained((), error)
            return
    started = _started(settings)
    yield from (explained(place, error) for place, error in started)
    yield from findings(settings, today=today)


def _started(settings: ConsentSettings) -> Sequence[tuple[Place, ConfigurationError]]:
    """What keeps a site with these settings from being built."""
    try:
        Gatekeeper(settings)
    except ConfigurationError as error:
        return [((), error)]
    return ()


# --- files ----------------------------------------------------------------------------------------


def _in_file(path: Path, environ: Mapping[str, str], today: date) -> Iterator[Located]:
    content = _read(path)
    try:
        source = content.decode()
        table = tomllib.loads(source)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        yield _not_toml(path, error, content)
        return
    given, wrong = _environment(environ)
    yield from wrong
    positions = Positions(source)

    def at(finding: Finding) -> Located:
        position = positions.of(finding.place)
        return Located(finding=finding, where=f"{path}:{position[0]}:{position[1]}", position=position)

    yield from map(at, check_written(table))
    for finding in _in_table(seen_from(path.parent, table), given, today):
        setting = str(finding.place[0]) if finding.place else ""
        if setting in given:
            yield Located(finding=finding, where=f"environment variable {PREFIX}{setting.upper()}")
        else:
            yield at(finding)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(
            str(path.absolute()), f"the file cannot be read: {error.strerror}."
        ) from None


def _not_toml(path: Path, error: ValueError, content: bytes) -> Located:
    """The parser's error at its place, which is the end of the file if it tells none."""
    found = _POSITION.search(str(error))
    before = content[: error.start] if isinstance(error, UnicodeDecodeError) else content.rstrip()
    lines = before.decode(errors="replace").split("\n")
    position = (int(found[1]), int(found[2])) if found else (len(lines), len(lines[-1]) + 1)
    what = f"This is not TOML: {_POSITION.sub('', str(error))}."
    where = f"{path}:{position[0]}:{position[1]}"
    return Located(finding=kind("not-toml").at((), what), where=where, position=position)


def _environment(environ: Mapping[str, str]) -> tuple[dict[str, Any], list[Located]]:
    """What the variables say, each read for itself; and those that cannot be used."""
    given: dict[str, Any] = {}
    wrong: list[Located] = []
    for name, value in environ.items():
        try:
            given |= from_environment(ConsentSettings, {name: value})
        except ConfigurationError as error:
            found = explained((), ConfigurationError("", error.problem))
            wrong.append(Located(finding=found, where=error.place))
    return given, wrong


def _in_table(table: dict[str, Any], given: Mapping[str, Any], today: date) -> Iterator[Finding]:
    """What is wrong with the file, and what could be better in the rest of it."""
    converter = new_converter()

    def errors(data: Mapping[str, Any]) -> Sequence[tuple[Place, ConfigurationError]]:
        settings, problems = structured(ConsentSettings, data, converter)
        return problems if settings is None else _started(settings)

    found, mended = faults({"secret_keys": [_KEY], **table, **given}, errors)
    wrong = {fault.place for fault in found if not fault.is_missing}
    yield from (explained(fault.place, fault.error) for fault in found)
    settings = None if mended is None else structured(ConsentSettings, mended)[0]
    for finding in () if settings is None else findings(settings, today=today):
        inside = any(finding.place[:length] in wrong for length in range(len(finding.place) + 1))
        if not inside and STAND_IN not in finding.what:
            yield finding
