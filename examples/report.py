"""What the examples print: rows of two columns and their difference, and the verdict."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

from reference import Report


def print_row(name: object, ours: float | str, theirs: float | str, last: object = "") -> None:
    """One line of a table: the two numbers to nine digits, all that a float32 has, and their difference; or headings."""
    if isinstance(ours, str) or isinstance(theirs, str):
        print(f"{name!s:>8}{ours:>22}{theirs:>22}{last!s:>16}")
    else:
        print(f"{name!s:>8}{ours:22.9g}{theirs:22.9g}{ours - theirs:16.1e}")


def agreed(reports: Mapping[str, Report], reason: str) -> bool:
    """Print what each comparison found, and why the last places may differ. True if all agree."""
    for name, report in reports.items():
        print(textwrap.fill(f"{name}: {report}", 78, subsequent_indent="    ", break_on_hyphens=False))
    print(textwrap.fill(f"Why not always to the bit: {reason}", 78, subsequent_indent="    ", break_on_hyphens=False))
    verdict = all(reports.values())
    print("minigrad and torch agree." if verdict else "minigrad and torch DISAGREE.")
    return verdict
