"""Programs as tutorials have them: with nothing but their import lines changed, they print what they print under torch."""

import contextlib
import io
import re
import sys
from pathlib import Path

import pytest
import torch

import minigrad

PROGRAMS = sorted(path for path in (Path(__file__).parent / "programs").glob("*.py") if path.name != "conftest.py")


def for_minigrad(source):
    """The program with ``minigrad`` in its import lines, and still ``torch`` in all others."""
    source = re.sub(r"^import torch$", "import minigrad as torch", source, flags=re.MULTILINE)
    return re.sub(r"^(from|import) torch\b", r"\1 minigrad", source, flags=re.MULTILINE)


def printed(source, path, seed, monkeypatch):
    monkeypatch.setattr(sys, "argv", [str(path), str(seed)])
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(compile(source, str(path), "exec"), {"__name__": "__main__"})
    return out.getvalue()


@pytest.fixture(autouse=True)
def _printing_as_before():
    yield
    for engine in torch, minigrad:
        engine.set_printoptions(profile="default")


@pytest.mark.parametrize("seed", [0, 1, 42, 2024])
@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_prints_what_torch_prints(path, seed, monkeypatch):
    source = path.read_text()
    swapped = for_minigrad(source)
    assert "minigrad" in swapped
    ours = printed(swapped, path, seed, monkeypatch)
    assert ours == printed(source, path, seed, monkeypatch)
    assert len(ours.splitlines()) > 3


def test_only_import_lines_change():
    for path in PROGRAMS:
        source = path.read_text()
        changed = [
            old for old, new in zip(source.splitlines(), for_minigrad(source).splitlines(), strict=True) if old != new
        ]
        assert changed
        assert all(re.match(r"(import|from) torch", line) for line in changed)
        assert len(changed) == len(re.findall(r"^(?:import|from) torch", source, re.MULTILINE))
