"""A program file, run until there is something to show.

Mirrors: nothing; PyTorch has no such tool.
"""

from __future__ import annotations

import dis
import os
import runpy
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

from .protocol import is_tensor


class _Enough(BaseException):
    """Ends the program once its tensor has been shown."""


def run(path: str, arguments: list[str], look: Callable[[FrameType, str], bool]) -> bool:
    """Run a program as its user would, until ``look(frame, event)``, asked at every call and return, is true.

    Whether it ever was is returned. The program is watched, not changed: so this works whichever engine it imports.
    """
    path = os.path.abspath(path)
    before = sys.argv, sys.path[:]
    sys.argv, sys.path[:1] = [path, *arguments], [os.path.dirname(path)]

    def watch(frame: FrameType, event: str, argument: Any) -> None:
        if look(frame, event):
            raise _Enough

    sys.setprofile(watch)
    try:
        runpy.run_path(path, run_name="__main__")
    except _Enough:
        return True
    finally:
        sys.setprofile(None)
        sys.argv, sys.path[:] = before
    return False


def is_there(path: str) -> bool:
    """Whether there is such a file; says so if not."""
    if not os.path.isfile(path):
        print(f"there is no file {path}", file=sys.stderr)
        return False
    return True


def at_first_backward(arguments: list[str], show: Callable[..., None]) -> int:
    """Run a program until it calls ``loss.backward(...)``, then ``show(loss, gradient)`` there. The exit code.

    The arguments are the file, and what the program is to see in ``sys.argv``.
    """
    if not arguments:
        print("which program? Give the FILE", file=sys.stderr)
        return 2
    if not is_there(arguments[0]):
        return 2

    def look(frame: FrameType, event: str) -> bool:
        if event != "call" or frame.f_code.co_name != "backward" or not is_tensor(frame.f_locals.get("self")):
            return False
        show(frame.f_locals["self"], frame.f_locals.get("gradient"))
        return True

    if run(arguments[0], arguments[1:], look):
        return 0
    print(f"{arguments[0]} never called backward() of a tensor", file=sys.stderr)
    return 1


def at_end(arguments: list[str], show: Callable[[Any], None]) -> int:
    """Run a program to its end, then ``show`` the value of one of its variables. The exit code.

    The arguments are the name of the variable, the file, and what the program is to see in ``sys.argv``.
    """
    if len(arguments) < 2:
        print("which variable of which program? Give NAME and FILE", file=sys.stderr)
        return 2
    if not is_there(arguments[1]):
        return 2
    name, path = arguments[0], os.path.abspath(arguments[1])
    found: list[Any] = []

    def look(frame: FrameType, event: str) -> bool:
        code = frame.f_code
        if event != "return" or code.co_name != "<module>" or code.co_filename != path:
            return False
        if not dis.opname[code.co_code[frame.f_lasti]].startswith("RETURN"):  # an error leaves the frame elsewhere
            return False
        found.extend([frame.f_globals[name]] if name in frame.f_globals else [])
        if found and is_tensor(found[0]):
            show(found[0])
        return True

    run(path, arguments[2:], look)
    if not found:
        print(f"{arguments[1]} has no variable {name!r} at its end", file=sys.stderr)
        return 1
    if not is_tensor(found[0]):
        print(
            f"{name} is no tensor but of type {type(found[0]).__name__}, and only a tensor has a gradient", file=sys.stderr
        )
        return 1
    return 0
