"""nn.init is torch's, number by number, for weights and parameters of every shape, and refuses what torch refuses."""

from typing import Any

import numpy as np
import pytest
import torch

import minigrad
from reference import both, compare

from .outcomes import agrees, plain

ENGINES = (minigrad, torch)
FILLERS = [
    "uniform_({w})", "uniform_({w}, -2, 3)", "normal_({w})", "normal_({w}, 1, 0.1)", "constant_({w}, 0.3)",
    "ones_({w})", "zeros_({w})",
    "xavier_uniform_({w})", "xavier_uniform_({w}, gain=2.5)", "xavier_normal_({w})", "xavier_normal_({w}, 0.7)",
    "kaiming_uniform_({w})",
    "kaiming_uniform_({w}, a=5**0.5)", "kaiming_uniform_({w}, mode='fan_out', nonlinearity='relu')", "kaiming_normal_({w})",
    "kaiming_normal_({w}, nonlinearity='tanh')", "kaiming_normal_({w}, 0.2, 'fan_out')", "trunc_normal_({w})",
    "trunc_normal_({w}, 0.1, 0.02)", "trunc_normal_({w}, 0, 1, 2, 3)", "trunc_normal_({w}, 5, 1.3, -1, 2)",
    "trunc_normal_({w}, 0, 0.02, -0.03, 0.05)",
]  # fmt: skip
WEIGHTS = [
    "torch.empty(3, 5)", "torch.empty(16, 4)", "torch.empty(40, 30)", "torch.empty(1, 1)", "torch.empty(4, 3, 2)",
    "torch.empty(5, 3, dtype=torch.float64)", "torch.empty(6, 7).t()", "torch.empty(8, 6)[::2, ::2]",
    "torch.nn.Parameter(torch.empty(4, 4))",
]  # fmt: skip
MATRIX_ONLY = ["eye_({w})", "sparse_({w}, 0.5)", "sparse_({w}, 0.1, std=2.0)"]


@pytest.mark.parametrize("filler", FILLERS)
def test_values(filler: str) -> None:
    for weight in WEIGHTS:
        for seed in (0, 42):
            agrees(f"[torch.manual_seed({seed}), torch.nn.init.{filler.format(w=weight)}, torch.rand(3)]")


@pytest.mark.parametrize("filler", MATRIX_ONLY)
def test_values_of_matrices(filler: str) -> None:
    for weight in WEIGHTS:
        agrees(f"[torch.nn.init.{filler.format(w=weight)}, torch.rand(3)]")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    "shape", [(3, 5), (5, 3), (4, 4), (1, 1), (2, 1), (40, 30), (16, 70), (4, 3, 2), (2, 3, 4, 5), (0, 3)]
)
@pytest.mark.parametrize("gain", ["", "0.7", "gain=-2"])
def test_orthogonal(shape: tuple[int, ...], dtype: str, gain: str) -> None:
    def program(torch: Any) -> list[Any]:
        torch.manual_seed(4)
        weight = torch.empty(shape, dtype=getattr(torch, dtype)).fill_(3.0)
        filled = eval(f"torch.nn.init.orthogonal_(weight, {gain})", {"torch": torch, "weight": weight})
        return [weight.clone(), filled is weight, torch.rand(3)]

    # Two factorisations of one matrix differ by rounding, about 8 units in the last place of numbers up to 2 for these.
    report = compare(*both(program), atol=16 * float(np.finfo(dtype).eps))
    assert report, str(report)
    if 0 not in shape and not gain:
        weight = minigrad.nn.init.orthogonal_(minigrad.empty(shape, dtype=getattr(minigrad, dtype))).flatten(1).numpy()
        product = weight @ weight.T if len(weight) <= weight.shape[1] else weight.T @ weight
        np.testing.assert_allclose(product, np.eye(len(product)), atol=16 * float(np.finfo(dtype).eps))


def test_of_torchs_public_names_only_the_convolutions_own_is_missing() -> None:
    assert {name for name in torch.nn.init.__all__ if not hasattr(minigrad.nn.init, name)} == {"dirac_", "dirac"}


OLD_NAMES = [
    "uniform(w, -1, 2)", "normal(w, 1, 2)", "constant(w, 3)", "eye(w)", "sparse(w, 0.5)", "xavier_uniform(w)", "xavier_normal(w, gain=2)",
    "kaiming_uniform(w, a=1)", "kaiming_normal(w)",
]  # fmt: skip


@pytest.mark.parametrize("call", [*OLD_NAMES, "orthogonal(w)"])
def test_old_names_warn_and_fill(call: str) -> None:
    values = []
    for engine in ENGINES:
        engine.manual_seed(2)
        weight = engine.empty(4, 4)
        with pytest.warns(FutureWarning):
            assert eval(f"init.{call}", {"init": engine.nn.init, "w": weight}) is weight
        values.append(weight)
    assert compare(*values, atol=0 if call in OLD_NAMES else 2e-6)


@pytest.mark.parametrize(
    "name",
    ["linear", "conv1d", "conv2d", "conv3d", "conv_transpose2d", "sigmoid", "tanh", "relu", "selu", "leaky_relu", "foo"],
)
def test_gain(name: str) -> None:
    agrees(f"torch.nn.init.calculate_gain({name!r})")
    for slope in (0, 0.2, -1.5, True, "a"):
        agrees(f"torch.nn.init.calculate_gain({name!r}, {slope!r})")


@pytest.mark.parametrize(
    "call",
    [
        "eye_(torch.empty(3))", "eye_(torch.empty(2, 2, 2))", "sparse_(torch.empty(3), 0.5)",
        "xavier_uniform_(torch.empty(3))",
        "xavier_normal_(torch.empty(()))", "kaiming_uniform_(torch.empty(3))",
        "kaiming_normal_(torch.empty(2, 2), mode='foo')",
        "kaiming_uniform_(torch.empty(2, 2), nonlinearity='foo')", "constant_(torch.empty(2), 'a')",
        "normal_(torch.empty(2), 0, -1)",
        "uniform_(torch.empty(2), 1, 0)", "uniform_(torch.empty(2, dtype=torch.int64))",
        "trunc_normal_(torch.empty(2, 2), 0, 1, 2, -2)",
        "kaiming_uniform_(torch.empty(0, 3))", "kaiming_normal_(torch.empty(0, 3))", "normal_(torch.empty(2), generator=3)",
        "zeros_(torch.empty(2, dtype=torch.int64))", "normal_([1.0])", "orthogonal_(torch.empty(3))", "orthogonal_(torch.empty(()))",
        "orthogonal_(torch.empty(0))", "orthogonal_(torch.empty(2, 0))",
    ],
)  # fmt: skip
def test_refusals_and_corners(call: str) -> None:
    agrees(f"torch.nn.init.{call}")


def test_no_graph_and_a_counted_change() -> None:
    results = []
    for engine in ENGINES:
        engine.manual_seed(1)
        weight = engine.nn.Parameter(engine.ones(20, 20))
        versions = []
        for name in ("uniform_", "kaiming_normal_", "xavier_uniform_", "eye_", "zeros_"):
            before = weight._version
            assert getattr(engine.nn.init, name)(weight) is weight
            versions.append(weight._version - before)
        assert weight.is_leaf
        assert weight.grad_fn is None
        results.append((plain(weight), versions[:3]))
    assert results[0] == results[1]


def test_warnings() -> None:
    for engine in ENGINES:
        with pytest.warns(UserWarning, match="std"):
            engine.nn.init.trunc_normal_(engine.empty(3), 5, 1)
        with pytest.warns(UserWarning, match="element"):
            engine.nn.init.kaiming_normal_(engine.empty(0, 3))
