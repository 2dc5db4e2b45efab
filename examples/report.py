"""What the examples print: rows of two columns and their difference, and the verdict."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from typing import Any

from reference import Report, compare

from .run import RUN, both


def print_row(name: object, ours: float | str, theirs: float | str, last: object = "") -> None:
    """One line of a table: the two numbers to nine digits, all that a float32 has, and their difference; or headings."""
    if isinstance(ours, str) or isinstance(theirs, str):
        print(f"{name!s:>8}{ours:>22}{theirs:>22}{last!s:>16}")
    else:
        print(f"{name!s:>8}{ours:22.9g}{theirs:22.9g}{ours - theirs:16.1e}")


def agreed(reports: Mapping[str, Report], reason: str = "") -> bool:
    """Print what each comparison found, and why the last places may differ. True if all agree."""
    RUN.get().reports.extend(reports.values())
    for name, report in reports.items():
        print(textwrap.fill(f"{name}: {report}", 78, subsequent_indent="    ", break_on_hyphens=False))
    if reason:
        print(textwrap.fill(f"Why not always to the bit: {reason}", 78, subsequent_indent="    ", break_on_hyphens=False))
    verdict = all(reports.values())
    print("minigrad and torch agree." if verdict else "minigrad and torch DISAGREE.")
    return verdict


def written_alike(program: Callable[[Any], list[str]]) -> bool:
    """Run a program that returns lines under both engines, print them once. True if both wrote the same."""
    ours, theirs = both(program)
    print("\n".join(ours))
    report = compare(ours, theirs, where="line")
    RUN.get().reports.append(report)
    print(f"\nThe lines written under minigrad and under torch {'are the same.' if report else f'DISAGREE: they {report}'}")
    return bool(report)
