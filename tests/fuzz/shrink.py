"""Makes a failing program as short as it can be, and prints it as code that a person can run."""

from __future__ import annotations

import re
from typing import Any

import torch

import minigrad

from .run import PRELUDE, Difference, Session, run


def _kind(difference: Difference | None) -> Any:
    """What kind of disagreement it is, whatever the tensor is called."""
    if difference is None:
        return None
    if difference.what.startswith("what "):
        return difference.torch, difference.minigrad
    return re.sub(r"\w+\.", "", difference.what, count=1)


def shrink(lines: list[str], watch_graph: bool) -> tuple[list[str], Difference]:
    """The program without every line that can go while the engines go on to disagree in the same way."""
    difference = run(lines, watch_graph)
    assert difference is not None, "a program that agrees has nothing to shrink"
    kind, lines = _kind(difference), lines[: difference.line + 1]
    shorter = True
    while shorter:
        shorter = False
        for position in reversed(range(len(lines))):
            without = lines[:position] + lines[position + 1 :]
            if not without:
                continue
            found = run(without, watch_graph)
            if _kind(found) == kind:
                assert found is not None
                difference, lines, shorter = found, without[: found.line + 1], True
                break
    return lines, difference


def as_code(lines: list[str], difference: Difference) -> str:
    """The program as a file that runs under either engine, with the difference as its last lines."""
    sessions = Session(torch), Session(minigrad)
    text = ["import torch  # or: import minigrad as torch", "", "seen = []"]
    if any(word in line for line in lines for word in ("see(", "double(", "fail(", "copies(")):
        text.append(PRELUDE)
    for line in lines:
        outcomes = [session.do(compile(line, "<program>", "exec")) for session in sessions]
        if any(outcomes):
            text += ["try:", f"    {line}", "except Exception as error:", "    print(type(error).__name__)"]
        else:
            text.append(line)
    if re.match(r"x\d+\.", difference.what):
        text.append(f"print({difference.what})")
    return "\n".join(
        [*text, f"# {difference.what}", f"# torch:    {difference.torch}", f"# minigrad: {difference.minigrad}", ""]
    )
