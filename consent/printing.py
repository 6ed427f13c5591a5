"""Makes what strangers wrote safe to print in a terminal and in the log of a build; knows neither."""

import re
from typing import Final

_COMMANDS: Final = re.compile(r"(?<=:):(?=[A-Za-z])(?!ERR_)|(?<=#)#(?=\w*\[)")
"""The second half of what builds take for commands, wherever a line is broken: ``::error``, ``##[error]``.

What browsers answer is none: ``net::ERR_ABORTED``.
"""


def visible(text: str) -> str:
    r"""The text with all that does not show escaped as in JSON and TOML: ``\u001b`` for an escape."""
    shown = "".join(letter if letter.isprintable() else _escaped(letter) for letter in text)
    return _COMMANDS.sub(lambda found: _escaped(found[0]), shown)


def _escaped(letter: str) -> str:
    number = ord(letter)
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"
