"""The study tools from the command line: ``python -m minigrad.study --help``.

Mirrors: nothing; PyTorch has no such tools.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from . import operators
from .program import at_end, at_first_backward
from .reasons import why
from .side_by_side import main as side_by_side
from .tracing import trace
from .tree import print_graph

# A subcommand: its arguments, what it does, and the function that does it and returns the exit code.
COMMANDS: dict[str, tuple[str, str, Callable[[list[str]], int]]] = {
    "print-graph": (
        "FILE [ARG ...]",
        "the graph at a program's first backward()",
        lambda arguments: at_first_backward(arguments, lambda loss, gradient: print_graph(loss)),
    ),
    "trace": (
        "FILE [ARG ...]",
        "its first backward() step by step",
        lambda arguments: at_first_backward(arguments, trace),
    ),
    "why": (
        "NAME FILE [ARG ...]",
        "why this variable has no gradient at its end",
        lambda arguments: at_end(arguments, why),
    ),
    "operators": ("[NAME ...]", "every operator: formulas, saved values, node", operators.main),
    "side-by-side": ("FILE [ARG ...]", "under torch and minigrad, in two columns", side_by_side),
}


HELP = ("-h", "--help")


def usage() -> str:
    """All subcommands, a line each."""
    lines = ["usage: python -m minigrad.study COMMAND ...", ""]
    lines += [f"  {f'{name} {arguments}':<27} {what}" for name, (arguments, what, _) in COMMANDS.items()]
    lines += ["", "FILE is a program that imports minigrad or torch; ARG are its own arguments."]
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Run one subcommand. Exit code 2 if there is none of that name."""
    name, *rest = arguments or ["--help"]
    if name in HELP or (name in COMMANDS and name != "side-by-side" and rest[:1] and rest[0] in HELP):  # that one has a text
        print(usage())
        return 0
    if name not in COMMANDS:
        print(f"there is no command {name!r}\n\n{usage()}", file=sys.stderr)
        return 2
    return COMMANDS[name][2](rest)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
