"""Programs as tutorials have them: with nothing but their import lines changed, they do what they do under torch."""

import ast
import re
from pathlib import Path

import pytest

from minigrad.study.imports import swap_imports
from minigrad.study.side_by_side import side_by_side

PROGRAMS = sorted(path for path in (Path(__file__).parent / "programs").glob("*.py") if path.name != "conftest.py")


@pytest.mark.parametrize("seed", [0, 1, 42, 2024])
@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_does_what_it_does_under_torch(path: Path, seed: int) -> None:
    compared = side_by_side(path, str(seed))
    assert compared, str(compared)
    assert not compared.ours.ending, compared.ours.message
    assert len(compared.ours.output) > 3
    # A program that differentiates does so by backward() or by grad(); of the former, every gradient was compared.
    assert bool(compared.ours.passes) == (".backward()" in path.read_text())


def test_only_import_lines_change() -> None:
    for path in PROGRAMS:
        source = path.read_text()
        trees = ast.parse(source), swap_imports("minigrad", source, str(path))
        old, new = (ast.unparse(tree).splitlines() for tree in trees)
        changed = [line for line, other in zip(old, new, strict=True) if line != other]
        assert all(re.match(r"(import|from) torch", line) for line in changed)
        assert len(changed) == len(re.findall(r"^(?:import|from) torch", source, re.MULTILINE)) > 0
