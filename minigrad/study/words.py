"""Lines of at most 80 columns.

Mirrors: nothing; PyTorch has no such tool.
"""

from __future__ import annotations

import textwrap

WIDTH = 80


def clipped(line: str) -> str:
    """A line that must not break, without what goes beyond the margin."""
    return line if len(line) <= WIDTH else line[: WIDTH - 3] + "..."


def wrapped(text: str, start: str = "", further: str = "") -> list[str]:
    """Lines of a text that may break at spaces; the first begins with ``start``, the others with ``further``."""
    return textwrap.wrap(
        text, WIDTH, initial_indent=start, subsequent_indent=further, break_long_words=False, break_on_hyphens=False
    )


def listed(entries: list[str], start: str, further: str) -> list[str]:
    """Entries with commas between them; a line breaks after a comma only."""
    lines = [start + entries[0]]
    for entry in entries[1:]:
        if len(lines[-1]) + len(entry) + 2 < WIDTH:
            lines[-1] += f", {entry}"
        else:
            lines[-1] += ","
            lines.append(further + entry)
    return [clipped(line) for line in lines]


def memory(count: int) -> str:
    """A number of bytes.

    >>> memory(16), memory(40_000_000)
    ('16 bytes', '40 MB')
    """
    for unit, size in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= size:
            return f"{count / size:.3g} {unit}"
    return f"{count} bytes"
