"""Pages whose tables stand between marks, and are written by a program; knows no figures."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

_MARKED: Final = re.compile(r"(<!-- figures: ([a-z-]+) -->\n).*?(<!-- end of figures -->)", re.DOTALL)


def rewritten(page: str, sections: Mapping[str, Callable[[], str]]) -> str:
    """``page`` with what belongs between each pair of marks."""
    return _MARKED.sub(lambda mark: f"{mark[1]}\n{sections[mark[2]]()}\n{mark[3]}", page)


def named(page: str) -> Sequence[str]:
    """The names of its sections."""
    return [mark[2] for mark in _MARKED.finditer(page)]


def markdown(header: Sequence[str], rows: Sequence[Sequence[str]], *, texts: Sequence[int] = (0,)) -> str:
    """A table: the columns of ``texts`` to the left, the others to the right."""
    rule = "|".join("---" if index in texts else "---:" for index in range(len(header)))
    lines = [f"| {' | '.join(cells)} |" for cells in (header, *rows)]
    return "\n".join([lines[0], f"|{rule}|", *lines[1:]]) + "\n"
