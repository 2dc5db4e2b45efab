"""What is made, not written, in a page: the text of programs, what commands print, source, and the table of files."""

from __future__ import annotations

import contextlib
import importlib
import inspect
import io
import re
import runpy
import shlex
import traceback
import warnings
from pathlib import Path

from minigrad import study
from minigrad.study.__main__ import main

from .table import table

HERE = Path(__file__).parent
ROOT = HERE.parent
PAGES = sorted(HERE.glob("*.md"))

BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TABLE = re.compile(r"(?<=<!-- table -->\n).*?(?=<!-- end of the table -->)", re.DOTALL)


def filled(text: str) -> str:
    """A page with everything in it as the code makes it now. A page that is up to date comes back as it was."""
    text = BLOCK.sub(lambda block: f"```{block[1]}\n{content(block[1], block[2])}```", text)
    return TABLE.sub(lambda _: table(), text)


def content(kind: str, text: str) -> str:
    """A block anew. Raises ValueError if it is of no kind that is tested.

    ``console``            commands, ``$ python ...``, each with what it prints
    ``python`` with >>>    a doctest, which pytest runs: left as it is
    ``python`` otherwise   begins ``# path/of/a/program.py``, or ``# path/of/a/file.py: name`` for the source of one function
    """
    if kind == "console":
        return "".join(f"{line}\n{run(line)}" for line in text.splitlines() if line.startswith("$ "))
    if kind == "python" and text.startswith(">>>"):
        return text
    header = re.match(r"# (\S+\.py)(?:: (\w+))?\n", text)
    if kind != "python" or header is None:
        raise ValueError(f"a block that nothing proves: ```{kind}\n{text}```")
    path, name = header.groups()
    if name is None:
        return (ROOT / path).read_text(encoding="utf-8")
    function = getattr(importlib.import_module(path.removesuffix(".py").replace("/", ".")), name)
    return f"# {path}: {name}\n{inspect.getsource(function)}"


def run(command: str) -> str:
    """What a command prints, run in this process: a program, or ``python -m minigrad.study``. Of a traceback, the end."""
    _, _, *arguments = shlex.split(command)
    printed = io.StringIO()
    with contextlib.chdir(ROOT), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            with contextlib.redirect_stdout(printed):
                if arguments[:2] == ["-m", study.__name__]:
                    main(arguments[2:])
                else:
                    runpy.run_path(arguments[0], run_name="__main__")
        except Exception as error:
            end = "".join(traceback.format_exception_only(error))
            printed.write(f"Traceback (most recent call last):\n  ...\n{end}")
        said = [warnings.formatwarning(w.message, w.category, w.filename, w.lineno) for w in caught]
    return ("".join(said) + printed.getvalue()).rstrip() + "\n"
