"""``python -m docs.readme``: write anew the numbers in the tables of README.md and README.zh.md, out of a run of the examples.

The speeds come from a file that ``python -m benchmarks --json FILE`` has written; unless one is named, they are left alone.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from benchmarks.__main__ import environment
from benchmarks.report import duration
from examples.__main__ import EXAMPLES, run

ROOT = Path(__file__).parents[1]
PEERS = ("minigrad", "by hand", "autograd", "mygrad")  # the columns after torch's

# The two pages, and how what is measured is said in each.
PAGES: dict[Path, dict[str, str]] = {
    ROOT / "README.md": {},
    ROOT / "README.zh.md": {"to the bit": "逐位相同", "as printed": "输出逐字相同"},
}

Cells = Mapping[str, list[str]]


def agreement() -> Cells:
    """For each example, how far the number furthest from torch's is from it. Raises RuntimeError if one disagrees."""
    cells = {}
    for name, example in EXAMPLES.items():
        with contextlib.redirect_stdout(io.StringIO()):
            made = run(example, torch.device("cpu"), quick=False)
        if made.verdict != "agree":
            raise RuntimeError(f"the example {name} fails, so there is nothing to boast of:\n{made.output}")
        cells[name] = [made.agreement]
    return cells


def speeds(results: Mapping[str, Mapping[str, Mapping[str, float]]]) -> Cells:
    """For each workload, the time of torch, then those of the others as multiples of it; empty where one cannot do it."""
    cells = {}
    for name, found in results.items():
        ratios = [f"{found[peer]['ratio']:.2f}" if peer in found else "" for peer in PEERS]
        cells[name] = [duration(found["torch"]["microseconds"]), f"**{ratios[0]}**", *ratios[1:]]
    return cells


def machine(facts: Mapping[str, Any]) -> str:
    """What measurements depend on, in a few words."""
    load = "" if facts["load"] is None else f", {facts['processors']} CPUs, load {facts['load']:.1f}"
    return f"torch {facts['torch']}, numpy {facts['numpy']}, Python {facts['python']}, {facts['processor']}{load}"


def filled(text: str, cells: Cells, remark: tuple[str, str], words: Mapping[str, str]) -> str:
    """A page with new cells in the rows of these names, after the first cell, and ``remark[1]`` after its marker."""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        parts = line.split("|")
        for name, values in cells.items():
            if len(parts) > 2 and re.search(rf"\[{name}\]|\(`{name}`\)", parts[1]):
                parts[2 : 2 + len(values)] = [f" {words.get(value, value)} " for value in values]
        lines[number] = "|".join(parts)
    return re.sub(rf"(?<=<!-- {remark[0]} -->).*?(?=<!-- -->)", remark[1], "\n".join(lines))


def main() -> None:
    """Run what the tables tell of, and write."""
    parser = argparse.ArgumentParser(prog="python -m docs.readme", description=__doc__)
    parser.add_argument("benchmarks", nargs="?", type=Path, metavar="FILE", help="what python -m benchmarks --json wrote")
    file = parser.parse_args().benchmarks
    found = [(agreement(), ("examples", machine(environment() | {"load": None})))]
    if file:
        measured = json.loads(file.read_text(encoding="utf-8"))
        found.append((speeds(measured["results"]), ("benchmarks", machine(measured["environment"]))))
    for page, words in PAGES.items():
        text = page.read_text(encoding="utf-8")
        for cells, remark in found:
            text = filled(text, cells, remark, words)
        page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
