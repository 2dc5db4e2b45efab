"""Random programs end in both engines with the same values, gradients, versions, graphs, calls of hooks and exceptions."""

import pytest

import minigrad
from minigrad.autograd.graph import VersionCounter

from .fuzz.run import run, write_and_run
from .fuzz.shrink import as_code, shrink


def test_random_programs(request: pytest.FixtureRequest) -> None:
    """``pytest tests/test_fuzz.py --fuzz 1000000`` runs as many; ``--fuzz-from`` begins with another seed."""
    first = request.config.getoption("--fuzz-from")
    for seed in range(first, first + request.config.getoption("--fuzz")):
        lines, watch_graph, difference = write_and_run(seed)
        if difference is not None:
            pytest.fail(f"seed {seed}\n\n{as_code(*shrink(lines, watch_graph))}", pytrace=False)


LEAF = "x = torch.tensor([0.5, -0.25], requires_grad=True)"

# Programs that the fuzzer found, shrunk: each ended differently once.
FOUND = {
    "a relu of nan passes its gradient": [LEAF, "y = x.sqrt().relu()", "y.sum().backward()"],
    "grad returns what arrived, before the hooks, if the node runs": [
        LEAF, "y = x * x", "h = y.register_hook(double('h'))", "a, b = copies(torch.autograd.grad(y.sum(), [x, y]))",
    ],
    "grad returns what the hooks made, if the node does not run": [
        LEAF, "y = x * x", "h = y.register_hook(double('h'))", "b, = copies(torch.autograd.grad(y.sum(), [y]))",
    ],
    "hooks of a node that need not run are not called": [
        LEAF, "y = x * x", "h = y.grad_fn.register_hook(see('h'))", "torch.autograd.grad(y.sum(), [y])",
    ],
    "hooks of a single root are called although it leads nowhere": [
        LEAF, "y = x * x", "z = x * 2", "h = y.register_hook(see('h'))", "y.sum().backward(inputs=[z])", "y.backward(y, inputs=[z])",
    ],
    "node hooks see gradients summed to the shape of the input": [
        LEAF, "y = torch.ones(2, 2) * x", "h = y.grad_fn.register_hook(see('h'))", "y.sum().backward()",
    ],
    "node hooks see no gradient for a base without one": [
        LEAF, "b = torch.zeros(2)", "v = b[:]", "v.copy_(x)", "h = b.grad_fn.register_hook(see('h'))", "b.sum().backward()",
    ],
    "hooks on an output that got no gradient are called with None": [
        LEAF, "y, z = x.unbind()", "h = y.register_hook(see('h'))", "z.backward()",
    ],
    "the origin of a view goes on to views of it": [
        LEAF, "y = x * 2", "with torch.no_grad(): v = y[:1]", "w = v.view(1)", "w.add_(1)",
    ],
    "a change through a view cannot be gone through twice": [LEAF, "y = x * 2", "v = y[:]", "v.fill_(1)", "y.sum().backward()", "y.sum().backward()"],
    "a view gets its new history at once when it is changed": [LEAF, "y = x * 2", "v = y[:1]", "v.tanh_()", "z = y * y"],
    "a view keeps retaining its gradient when its history is renewed": [
        LEAF, "y = x * 2", "v = y[:1]", "v.retain_grad()", "y.add_(1)", "v.sum().backward()",
    ],
    "a saved output that is a view has the history of the view": [
        LEAF, "y = x * x", "v = y[:1]", "v.tanh_()", "g, = torch.autograd.grad(y.sum(), [x], create_graph=True)", "g.sum().backward()",
    ],
    "a view made under no_grad of a leaf is the root of nothing": [LEAF, "with torch.no_grad(): v = x[:1]", "v.sum().backward()", "v.backward()"],
    "what only a view under no_grad needs is not saved": [
        LEAF, "with torch.no_grad(): v = x[:1]", "y = v * v", "with torch.no_grad(): v.zero_()", "y.sum().backward()",
    ],
    "a leaf that has become a result collects nothing": [
        LEAF, "y = x * 2", "x.requires_grad_(False)", "x.add_(y)", "y.sum().backward()",
    ],
    "expanded memory may be filled, not changed": ["x = torch.ones(1, 2).expand(2, 2)", "x.zero_()", "x.add_(1)"],
    "an operand may not lie across what is changed": ["x = torch.ones(2, 2)", "x.add_(x.t())", "x[0].add_(x[1])", "x.mul_(x[0])"],
}  # fmt: skip


@pytest.mark.parametrize("lines", FOUND.values(), ids=FOUND)
@pytest.mark.parametrize("watch_graph", [True, False])
def test_what_was_found_once(lines: list[str], watch_graph: bool) -> None:
    difference = run(lines, watch_graph)
    if difference is not None:
        pytest.fail(as_code(lines, difference), pytrace=False)


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
