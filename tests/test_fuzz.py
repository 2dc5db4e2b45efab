"""Random programs end in both engines with the same values, gradients, versions, graphs, calls of hooks and exceptions."""

import pytest

import minigrad
from minigrad.autograd.graph import VersionCounter

from .fuzz.run import write_and_run
from .fuzz.shrink import as_code, shrink


def test_random_programs(request: pytest.FixtureRequest) -> None:
    """``pytest tests/test_fuzz.py --fuzz 1000000`` runs as many; ``--fuzz-from`` begins with another seed."""
    first = request.config.getoption("--fuzz-from")
    for seed in range(first, first + request.config.getoption("--fuzz")):
        lines, watch_graph, difference = write_and_run(seed)
        if difference is not None:
            pytest.fail(f"seed {seed}\n\n{as_code(*shrink(lines, watch_graph))}", pytrace=False)


def test_a_broken_engine_is_found_and_the_program_shrunk(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a version counter that does not count, a few lines are left that show it, and they run."""
    monkeypatch.setattr(VersionCounter, "bump", lambda counter, edit: None)
    lines, watch_graph = next((lines, watch) for lines, watch, found in map(write_and_run, range(100)) if found is not None)
    shrunk, difference = shrink(lines, watch_graph)
    assert difference.what.endswith("._version")
    assert len(shrunk) <= 3
    code = as_code(shrunk, difference).replace("import torch  # or: import minigrad as torch", "")
    exec(code, {"torch": minigrad})


@pytest.mark.parametrize("seed", range(3))
def test_a_program_is_its_seed(seed: int) -> None:
    assert write_and_run(seed) == write_and_run(seed)
