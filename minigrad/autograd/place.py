"""Where in the user's program something happened, noted cheaply and put into words only when it is asked for.

Mirrors: torch/csrc/autograd/python_anomaly_mode.cpp
"""

from __future__ import annotations

import linecache
import os
import sys
from types import CodeType

PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep

# NOTE [Noting a line]: a place is a code object and an offset into its bytecode. Both are there for the taking, so every
# node can afford to know its line; the line number and the text are looked up when a message or a tool needs them.
Place = tuple[CodeType, int]


class _Ours(dict[str, bool]):
    """Whether a file belongs to this package, by its name. It is looked up for every frame between a node and its user."""

    def __missing__(self, filename: str) -> bool:
        self[filename] = ours = filename.startswith(PACKAGE)
        return ours


OURS = _Ours()


def users_place() -> Place:
    """The line of the user's program that is running: the innermost frame outside this package."""
    frame = sys._getframe(2)  # whoever asks belongs to this package
    code = frame.f_code
    while OURS[code.co_filename] and frame.f_back is not None:
        frame = frame.f_back
        code = frame.f_code
    return code, frame.f_lasti


def line_number(place: Place) -> int:
    """The line of the file that a place is on."""
    code, offset = place
    for start, end, line in code.co_lines():
        if start <= offset < end and line is not None:
            return line
    return code.co_firstlineno


def describe(place: Place) -> str:
    """``file.py:12 in function: the text of the line``, for messages."""
    code, number = place[0], line_number(place)
    text = linecache.getline(code.co_filename, number).strip()
    where = f"{os.path.basename(code.co_filename)}:{number}"
    if code.co_name != "<module>":
        where += f" in {code.co_name}"
    return f"{where}: {text}" if text else where
