"""The fixture that users get: their own right functions pass, wrong ones fail with the node's name, nothing else changes."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import minigrad
from minigrad.autograd import Function
from reference.parity import parity

APPLY = Function.__dict__["apply"]
ROOT = Path(__file__).parents[1]

TESTS = """\
import numpy as np
{imports}

class Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**3

    @staticmethod
    def backward(ctx, grad_output):
        (x,) = ctx.saved_tensors
        return grad_output * 3 * x**2


class WrongCube(Cube):
    @staticmethod
    def backward(ctx, grad_output):
        (x,) = ctx.saved_tensors
        return grad_output * 2 * x**2


class WrongTwice(Cube):
    @staticmethod
    def backward(ctx, grad_output):
        (x,) = ctx.saved_tensors
        return grad_output * 3 * (x * x).detach()


class Differs(Cube):
    @staticmethod
    def backward(ctx, grad_output):
        return grad_output * (2 if torch.__name__ == "torch" else 3)


def own(x, w):
    return (Cube.apply(x) * torch.exp(w)).sum()

def wrong(x, w):
    y = Cube.apply(x).tanh()
    return (WrongCube.apply(y) * w).sum()

def wrong_twice(x):
    return WrongTwice.apply(x).sum()

def differs(x):
    return Differs.apply(x.exp()).sum()

x, w = np.linspace(0.2, 0.9, 3), np.linspace(-1, 1, 3)

def test_own(parity):
    parity(own, x, w)
    parity(own, torch.tensor(x, requires_grad=True), torch.tensor(w))
    parity(Cube.apply, x)
    parity(lambda x: torch.nn.functional.softplus(x) * 2, x)
    parity(lambda torch, x: torch.nn.Linear(3, 2, dtype=x.dtype)(x), x)
    parity(lambda x, n: (x.split(1), n)[0], x, 2)

def test_float32(parity):
    parity(lambda x: (x @ x.t()).softmax(0), np.random.default_rng(0).normal(size=(8, 8)).astype("float32"))

def test_wrong(parity):
    parity(wrong, x, w)

def test_wrong_twice(parity):
    parity(wrong_twice, x)

def test_differs(parity):
    parity(differs, x)

def test_nothing_to_differentiate(parity):
    parity(own, torch.tensor(x), torch.tensor(w))

def test_closure(parity):
    class Local(Cube):
        pass
    parity(lambda x: Local.apply(x), x)
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds what installing minigrad writes down: its name, and the entry points of pyproject.toml."""
    folder = tmp_path_factory.mktemp("site")
    information = folder / "minigrad-0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: minigrad\nVersion: 0\n")
    points = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]["pytest11"]
    lines = "\n".join(f"{name} = {value}" for name, value in points.items())
    (information / "entry_points.txt").write_text(f"[pytest11]\n{lines}\n")
    return folder


def run_pytest(folder: Path, installed: Path, *options: str, **sources: str) -> str:
    for name, source in sources.items():
        (folder / f"{name}.py").write_text(source)
    path = os.pathsep.join([str(folder), str(installed), str(ROOT)])
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", *options]
    run = subprocess.run(command, cwd=folder, env=os.environ | {"PYTHONPATH": path}, capture_output=True, text=True)
    return run.stdout + run.stderr


IMPORTS = {"test_torch": "import torch", "test_minigrad": "import minigrad as torch"}


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory, installed: Path) -> str:
    """What pytest prints of the users' tests, written for either engine."""
    sources = {name: TESTS.format(imports=imports) for name, imports in IMPORTS.items()}
    return run_pytest(tmp_path_factory.mktemp("users"), installed, "-rA", "--tb=short", **sources)


REPORTS = {
    "wrong": [
        "derivative of order 1: WrongCubeBackward is wrong, FILE.py:41 in wrong: return (WrongCube.apply(y) * w).sum()",
        "formula  WrongCube.backward(ctx, grad)",
        "analytical",
        "numerical",
    ],
    "wrong_twice": [
        "derivative of order 2: WrongTwiceBackward is wrong, FILE.py:44 in wrong_twice",
        "formula  WrongTwice.backward(ctx, grad)",
    ],
    "differs": [
        "minigrad and torch differ, first at DiffersBackward (node 1): gradient of inputs",
        "minigrad  [3, 3, 3]; [0] is 3.0",
        "torch     [2, 2, 2]; [0] is 2.0",
    ],
    "nothing_to_differentiate": ["needs an input that requires grad"],
    "closure": ["Define the class at the top of its file"],
}


@pytest.mark.parametrize("file", IMPORTS)
@pytest.mark.parametrize("test", REPORTS)
def test_what_is_wrong_is_named(file: str, test: str, output: str) -> None:
    printed = next(part for part in re.split(r"\n_+ ", output) if part.startswith(f"test_{test} _") and f"{file}.py" in part)
    for text in REPORTS[test]:
        assert text.replace("FILE", file) in printed, printed


@pytest.mark.parametrize("file", IMPORTS)
def test_what_is_right_passes(file: str, output: str) -> None:
    assert f"PASSED {file}.py::test_own" in output, output
    assert f"PASSED {file}.py::test_float32" in output, output
    assert "10 failed, 4 passed" in output, output


def test_torch_and_minigrad_are_not_imported_before_they_are_needed(tmp_path: Path, installed: Path) -> None:
    source = "import sys\ndef test():\n    assert not {'torch', 'minigrad', 'numpy'} & set(sys.modules)\n"
    assert "1 passed" in run_pytest(tmp_path, installed, test_a=source)
    assert "fixtures defined from reference.plugin" in run_pytest(tmp_path, installed, "--fixtures")


def test_without_torch_only_the_tests_that_ask_for_parity_fail(tmp_path: Path, installed: Path) -> None:
    missing = "raise ModuleNotFoundError(\"No module named 'torch'\", name='torch')"
    tests = "def test_a(parity): parity(lambda x: x, 1.0)\ndef test_b(): pass"
    output = run_pytest(tmp_path, installed, torch=missing, test_mine=tests)
    assert "1 passed, 1 error" in output, output
    assert "pip install 'minigrad[reference]'" in output
    assert "Traceback" not in output


# --- parity itself, on functions that take the engine ----------------------------------------------------------------------


def overwritten(torch: Any, x: Any) -> Any:
    y = x * 1
    y[0] = y[1] * 2
    return y.exp_()


X = np.linspace(0.1, 2, 6).reshape(2, 3)
RIGHT = {
    "in place": (overwritten, X),
    "several results": (lambda torch, x: (*x.unbind(0), 3, "a", x.argmax()), X),
    "an input that is not used": (lambda torch, x, y: x * 2, X, X),
    "gradients": (lambda torch, x: torch.autograd.grad((x**3).sum(), x, create_graph=True), X),
    "random numbers": (lambda torch, x: torch.nn.functional.dropout(x, 0.5) * torch.rand(3), X),
    "a layer, in float32": (lambda torch, x: torch.nn.Linear(3, 2)(x).relu(), X.astype(np.float32)),
    "empty": (lambda torch, x: x.exp(), np.zeros((0, 3))),
    "0-d": (lambda torch, x: x.exp(), np.array(2.0)),
    "numbers and indices": (lambda torch, x, n, i: x[i] * n, X, 2.5, np.array([1, 0])),
}


@pytest.mark.parametrize("arguments", RIGHT.values(), ids=RIGHT.keys())
def test_right_functions(arguments: Any) -> None:
    parity(*arguments)


def through_a_function(torch: Any, x: Any) -> Any:
    """Right once; but what its backward does is differentiated otherwise under either engine."""

    class Inner(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x * 3

        @staticmethod
        def backward(ctx: Any, grad_output: Any) -> Any:
            return grad_output * (3 if torch.__name__ == "torch" else 4)

    class Outer(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return x * x * 1.5

        @staticmethod
        def backward(ctx: Any, grad_output: Any) -> Any:
            return grad_output * Inner.apply(*ctx.saved_tensors)

    return Outer.apply(x)


def squared(torch: Any, x: Any) -> Any:
    """Right once; but under one engine its backward is made of other operations."""

    class Squared(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        def backward(ctx: Any, grad_output: Any) -> Any:
            (x,) = ctx.saved_tensors
            return grad_output * x * 2 if torch.__name__ == "torch" else grad_output * (x + x)

    return Squared.apply(x)


WRONG = {
    "a result": (lambda torch, x: (x, len(torch.__name__)), "result 1: 8, but under torch 5"),
    "the number of results": (lambda torch, x: [x] * len(torch.__name__), "8 results, but under torch 5"),
    "the graph": (lambda torch, x: x * 1 if torch.__name__ == "torch" else x / 1, "DivBackward0 (node 0): name"),
    "an edge": (
        lambda torch, x: x * (x if torch.__name__ == "torch" else x.detach().requires_grad_()),
        "MulBackward0 (node 0): edges",
    ),
    "the graph of the gradient": (squared, "in the gradient of input 0, minigrad and torch differ, first at MulBackward0"),
    "the second derivative": (through_a_function, "the second derivative by inputs 0 and 0 differs"),
    "lost history": (lambda torch, x: x.detach() * 2, "history is lost"),
}


@pytest.mark.parametrize(("fn", "found"), WRONG.values(), ids=WRONG.keys())
def test_wrong_functions(fn: Any, found: str) -> None:
    with pytest.raises(AssertionError) as caught:
        parity(fn, X)
    assert found in str(caught.value)


def test_parity_leaves_things_as_they_were() -> None:
    x = minigrad.tensor(X, requires_grad=True)
    parity(lambda torch, x: torch.ones(3) * x, x)
    assert x.grad is None
    assert minigrad.get_default_dtype() == minigrad.float32
    assert Function.__dict__["apply"] is APPLY
    with pytest.raises(AssertionError):
        parity(through_a_function, x)
    assert Function.__dict__["apply"] is APPLY


def test_what_only_one_engine_can_run_says_how_to_give_both() -> None:
    with pytest.raises(AttributeError) as caught:
        parity(lambda torch, x: x.no_such_method(), X)
    assert "let its first parameter be called torch" in caught.value.__notes__[0]
