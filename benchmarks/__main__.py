"""Runs one benchmark: `python -m benchmarks client`."""

import argparse
from types import ModuleType
from typing import Final

import benchmarks.client.command
import benchmarks.growth.command
import benchmarks.memory.command
import benchmarks.records.command
import benchmarks.report.command
import benchmarks.scale.command
import benchmarks.whole.command
import benchmarks.wire.command

COMMANDS: Final[dict[str, ModuleType]] = {
    "client": benchmarks.client.command,
    "growth": benchmarks.growth.command,
    "memory": benchmarks.memory.command,
    "records": benchmarks.records.command,
    "report": benchmarks.report.command,
    "scale": benchmarks.scale.command,
    "wire": benchmarks.wire.command,
    "all": benchmarks.whole.command,
}
"""Each module describes itself in its docstring, and has ``add_arguments(parser)`` and ``run(options)``."""


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")
    for name, module in COMMANDS.items():
        command = commands.add_parser(name, help=module.__doc__, description=module.__doc__)
        module.add_arguments(command)
        command.set_defaults(run=module.run)
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
