"""The table "here / in PyTorch": every file of minigrad with its classes, and the files of PyTorch that do the same."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
TOPS = ("aten/", "c10/", "tools/", "torch/")  # folders of PyTorch's repository


def table() -> str:
    """The table in Markdown, a part for each folder."""
    parts: dict[str, list[str]] = {}
    for path in files():
        folder = path.parent.relative_to(ROOT).as_posix()
        parts.setdefault(folder, []).append(row(path))
    head = "| here | what is in it | classes | in PyTorch |\n|---|---|---|---|\n"
    return "".join(f"\n### {folder}/\n\n{head}{''.join(rows)}" for folder, rows in parts.items()) + "\n"


def files() -> list[Path]:
    """The files of minigrad that have something in them."""
    found = [path for path in (ROOT / "minigrad").rglob("*.py") if path.read_text(encoding="utf-8")]
    return sorted(found, key=lambda path: (path.parent.relative_to(ROOT).as_posix(), path.name))


def row(path: Path) -> str:
    """The line of one file, from its docstring."""
    module = ast.parse(path.read_text(encoding="utf-8"))
    summary, _, rest = (ast.get_docstring(module) or "").partition("\n\n")
    classes = [f"`{node.name}`" for node in module.body if isinstance(node, ast.ClassDef) and node.name[0] != "_"]
    theirs = ", ".join(f"`{name}`{remark}" for name, remark in mirrored(rest)) or "none"
    link = f"[{path.name}](../{path.relative_to(ROOT).as_posix()})"
    what = " ".join(summary.split()).replace("``", "`").rstrip(".").replace("|", "\\|")
    return f"| {link} | {what} | {', '.join(classes)} | {theirs} |\n"


def mirrored(docstring: str) -> Iterator[tuple[str, str]]:
    """The files that the line ``Mirrors: ...`` of a docstring names, with their whole paths, and what it remarks on each.

    >>> list(mirrored("Mirrors: torch/csrc/autograd/function.h, functions/accumulate_grad.cpp (apply)"))
    [('torch/csrc/autograd/function.h', ''), ('torch/csrc/autograd/functions/accumulate_grad.cpp', ' (apply)')]
    """
    line = re.search(r"^Mirrors: (.*)", docstring, re.MULTILINE)
    if line is None:
        raise ValueError("a module docstring must say which file of PyTorch it mirrors")
    folder = ""
    for name, remark in re.findall(r"([\w/]+\.\w+)( \([^)]*\))?", line[1]):
        if name.startswith(TOPS):
            folder = name.rpartition("/")[0] + "/"
            yield name, remark
        else:
            yield folder + name, remark
