"""minigrad.random against torch: the same seed, the same numbers, bit for bit."""

from __future__ import annotations

import subprocess
import sys
import threading
from typing import Any

import numpy as np
import pytest
import torch

from minigrad import random
from trunc_normal import trunc_normal_

# torch warns of integers that a float dtype does not hold exactly, and of bounds far from the mean.
pytestmark = pytest.mark.filterwarnings("ignore:.*is out of bounds", "ignore:.*more than 2 std")

# Elsewhere torch rounds otherwise: NOTE [Same bits on which processor].
FUSED = torch.backends.cpu.get_cpu_capability() in ("AVX2", "AVX512")

SEEDS = [0, 1, 42, 123456789, 2**32 - 1, 2**32 + 5, 2**63 + 11, -1, -(2**63)]
SHAPES: list[tuple[int, ...]] = [(n,) for n in (0, 1, 2, 15, 16, 17, 31, 32, 33, 1000)]
SHAPES += [(), (3, 5), (4, 4), (2, 3, 16), (0, 3)]
FLOATS = ["float16", "float32", "float64"]
INTEGERS = ["int8", "int16", "int32", "int64"]
ALL = [*FLOATS, *INTEGERS, "uint8", "bool"]

# The method of a tensor, its arguments, and the dtypes to fill.
FILLS: list[tuple[str, tuple[Any, ...], list[str]]] = [
    ("uniform_", (), FLOATS),
    ("uniform_", (-0.3, 1.7), FLOATS),
    ("uniform_", (900.0, 9e3), FLOATS),
    ("uniform_", (0.5, 0.5), FLOATS),
    ("uniform_", (-1e308, 0.7e308), ["float64"]),
    ("normal_", (), FLOATS),
    ("normal_", (-3.3, 0.7), FLOATS),
    ("normal_", (0.0, 0.1), FLOATS),
    ("normal_", (2.0, 0.0), FLOATS),
    ("exponential_", (), FLOATS),
    ("exponential_", (1.3,), FLOATS),
    ("bernoulli_", (0.3,), ALL),
    ("random_", (), ALL),
    ("random_", (0, 2), ALL),
    ("random_", (0, None), ALL),
    ("random_", (1, None), ALL),
    ("random_", (-100, 27), FLOATS + INTEGERS),
    ("random_", (-5000, 65504), ["float16"]),
    ("random_", (-(2**24) - 3, 2**24 + 4), ["float32"]),
    ("random_", (-9, 2**28 - 10), ["int32", "int64"]),
    ("random_", (-9, 2**28 - 9), ["int32", "int64"]),
    ("random_", (-7, 2**40), ["int64", "float32", "float64"]),
    ("random_", (-(2**62) + 1, 2**62 + 3), ["int64", "float32", "float64"]),
    ("random_", (-(2**62), 2**63 - 1), ["int64"]),
    ("random_", (-(2**63), None), ["int64", "float32", "float64"]),
]
CASES = [(method, args, dtype) for method, args, dtypes in FILLS for dtype in dtypes]


def pair(seed: int = 0) -> tuple[random.Generator, torch.Generator]:
    return random.Generator().manual_seed(seed), torch.Generator().manual_seed(seed)


def empty(shape: tuple[int, ...], dtype: str) -> tuple[np.ndarray, torch.Tensor]:
    return np.empty(shape, dtype), torch.empty(shape, dtype=getattr(torch, dtype))


def fill(method: str, out: Any, args: tuple[Any, ...], generator: Any) -> Any:
    if isinstance(out, torch.Tensor):
        return getattr(out, method)(*args, generator=generator)
    return getattr(random, method)(out, *args, generator=generator)


def same(ours: np.ndarray, theirs: torch.Tensor) -> None:
    expected = theirs.numpy()
    assert ours.dtype == expected.dtype and ours.shape == expected.shape
    if ours.dtype.kind == "f" and not FUSED:
        np.testing.assert_allclose(ours, expected, rtol=0, atol=32 * np.spacing(abs(expected).max(initial=0)))
    else:  # the bytes, so that 0 and -0 differ
        np.testing.assert_array_equal(ours, expected)
        assert np.ascontiguousarray(ours).tobytes() == np.ascontiguousarray(expected).tobytes()


def same_state(ours: random.Generator, theirs: torch.Generator) -> None:
    if FUSED:
        assert ours.get_state().tobytes() == theirs.get_state().numpy().tobytes()


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("method", "args", "dtype"), CASES)
def test_fill(method: str, args: tuple[Any, ...], dtype: str, seed: int) -> None:
    for shape in SHAPES:
        g, h = pair(seed)
        out, expected = empty(shape, dtype)
        assert fill(method, out, args, g) is out
        same(out, fill(method, expected, args, h))
        same_state(g, h)


def views(x: Any) -> dict[str, Any]:
    """Parts of an array or tensor of shape (8, 6, 4), in and out of order."""
    permute = x.transpose if isinstance(x, np.ndarray) else x.permute
    return {
        "whole": x,
        "row": x[3],
        "part": x[2:5, 1:3],
        "column": x[:, 0, 0],
        "fewer than 16": x[0, :, 0],
        "every second": x[::2, :, 1::2],
        "permuted": permute(2, 0, 1),
        "reversed": permute(2, 1, 0),
        "permuted part": permute(1, 2, 0)[1:4, ::2],
    }


@pytest.mark.parametrize("view", list(views(np.empty((8, 6, 4)))))
@pytest.mark.parametrize(("method", "args", "dtype"), CASES)
def test_fill_of_views(method: str, args: tuple[Any, ...], dtype: str, view: str) -> None:
    g, h = pair(5)
    base, expected = np.zeros((8, 6, 4), dtype), torch.zeros((8, 6, 4), dtype=getattr(torch, dtype))
    fill(method, views(base)[view], args, g)
    fill(method, views(expected)[view], args, h)
    same(base, expected)
    same_state(g, h)


@pytest.mark.parametrize("seed", SEEDS)
def test_mixed_sequences_on_one_generator(seed: int) -> None:
    g, h = pair(seed)
    choose = np.random.default_rng(seed % 2**32)
    for _ in range(150):
        method, args, dtype = CASES[choose.integers(len(CASES))]
        out, expected = empty(SHAPES[choose.integers(len(SHAPES))], dtype)
        same(fill(method, out, args, g), fill(method, expected, args, h))
        n = int(choose.integers(40))
        same(random.randperm(n, generator=g), torch.randperm(n, generator=h))
    same_state(g, h)


@pytest.mark.skipif(not FUSED, reason="torch rounds otherwise here")
@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize(("method", "args"), [(m, a) for m, a, d in FILLS if d == FLOATS])
def test_millions(method: str, args: tuple[Any, ...], dtype: str) -> None:
    g, h = pair(77)
    for n in (1_000_003, 1_000_000):
        out, expected = empty((n,), dtype)
        same(fill(method, out, args, g), fill(method, expected, args, h))
    out, expected = empty((1000, 300), dtype)
    same(fill(method, out.T, args, g), fill(method, expected.T, args, h))


@pytest.mark.parametrize("p_dtype", FLOATS)
@pytest.mark.parametrize("dtype", ALL)
def test_bernoulli_of_tensor(dtype: str, p_dtype: str) -> None:
    for shape, p_shape in [((1000,), (1000,)), ((4, 5), (5,)), ((4, 5), (4, 1)), ((4, 5), ()), ((0,), (0,))]:
        g, h = pair(3)
        p = np.asarray(np.random.default_rng(1).random(p_shape), p_dtype)
        out, expected = empty(shape, dtype)
        same(random.bernoulli_(out, p, g), expected.bernoulli_(torch.from_numpy(p), generator=h))
        same_state(g, h)
    p = np.random.default_rng(2).random((4, 5)).astype(p_dtype)
    out, expected = empty((5, 4), dtype)
    same(random.bernoulli_(out.T, p, g), expected.T.bernoulli_(torch.from_numpy(p), generator=h))
    out = np.empty_like(p)
    same(random.bernoulli_(out, p, g), torch.bernoulli(torch.from_numpy(p), generator=h))


def test_dropout_mask() -> None:
    random.manual_seed(9)
    torch.manual_seed(9)
    mask = random.bernoulli_(np.empty(1000, np.float32), 1 - 0.3)
    same(mask / np.float32(1 - 0.3), torch.dropout(torch.ones(1000), 0.3, train=True))


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("shape", [(0,), (3,), (15,), (16,), (33,), (4, 5)])
def test_normal_with_tensors(shape: tuple[int, ...], dtype: str) -> None:
    rng = np.random.default_rng(0)
    mean, std = rng.normal(size=shape).astype(dtype), rng.random(shape).astype(dtype)
    t_mean, t_std = torch.from_numpy(mean), torch.from_numpy(std)
    g, h = pair(8)
    same(random.normal(mean, 0.7, g), torch.normal(t_mean, 0.7, generator=h))
    same(random.normal(-1.3, std, g), torch.normal(-1.3, t_std, generator=h))
    same(random.normal(mean, std, g), torch.normal(t_mean, t_std, generator=h))
    same_state(g, h)


@pytest.mark.parametrize("n", [0, 1, 2, 3, 10, 1000, 30000, 300000])
@pytest.mark.parametrize("seed", SEEDS[:3])
def test_randperm(n: int, seed: int) -> None:
    g, h = pair(seed)
    same(random.randperm(n, generator=g), torch.randperm(n, generator=h))
    same_state(g, h)


@pytest.mark.parametrize("dtype", ALL[:-1])
def test_randperm_dtypes(dtype: str) -> None:
    g, h = pair(1)
    same(random.randperm(100, dtype, g), torch.randperm(100, dtype=getattr(torch, dtype), generator=h))


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("shape", [(1,), (7,), (1000,), (1, 5), (30, 20), (200, 3)])
@pytest.mark.parametrize("seed", SEEDS)
def test_multinomial(seed: int, shape: tuple[int, ...], dtype: str) -> None:
    rng = np.random.default_rng(seed % 2**32)
    probs = (rng.random(shape) + 0.01).astype(dtype)
    probs[..., 1:][rng.random(probs[..., 1:].shape) < 0.1] = 0
    t_probs = torch.from_numpy(probs)
    for n in (1, 2, 5, 50):
        g, h = pair(seed)
        same(random.multinomial(probs, n, True, g), torch.multinomial(t_probs, n, True, generator=h))
        if n <= (probs > 0).sum(-1).min() and dtype != "float16":
            same(random.multinomial(probs, n, False, g), torch.multinomial(t_probs, n, generator=h))
        same_state(g, h)


def test_multinomial_of_transpose() -> None:
    g, h = pair(2)
    probs = np.random.default_rng(2).random((20, 30)).astype(np.float32)
    t_probs = torch.from_numpy(probs)
    same(random.multinomial(probs.T, 3, False, g), torch.multinomial(t_probs.T, 3, False, generator=h))
    same(random.multinomial(probs.T, 3, True, g), torch.multinomial(t_probs.T, 3, True, generator=h))


@pytest.mark.parametrize("dtype", FLOATS[1:])
@pytest.mark.parametrize("shape", [(0,), (7,), (16,), (300, 100)])
@pytest.mark.parametrize("args", [(), (0.1, 0.02), (0, 0.02, -0.03, 0.05), (0, 1, 2, 3), (5, 1.3, -1, 2)])
def test_trunc_normal(args: tuple[float, ...], shape: tuple[int, ...], dtype: str) -> None:
    for flip in (False, True):
        g, h = pair(4)
        out, expected = empty(shape, dtype)
        trunc_normal_(out.T if flip else out, *args, generator=g)
        target = expected.mT if flip and expected.ndim > 1 else expected
        torch.nn.init.trunc_normal_(target, *args, generator=h)
        same(out, expected)
        same_state(g, h)


@pytest.mark.parametrize("normals", [0, 3, 4])
@pytest.mark.parametrize("steps", [0, 1, 300, 623, 624, 625, 5000])
def test_state_moves_both_ways(steps: int, normals: int) -> None:
    g, h = pair(6)
    for out in empty((steps,), "int32"):
        fill("random_", out, (), g if isinstance(out, np.ndarray) else h)
    for out in empty((normals,), "float32"):
        fill("normal_", out, (), g if isinstance(out, np.ndarray) else h)
    same_state(g, h)
    from_torch = random.Generator().set_state(h.get_state().numpy())
    to_torch = torch.Generator().set_state(torch.from_numpy(g.get_state()))
    assert from_torch.initial_seed() == to_torch.initial_seed() == 6
    for ours, theirs in ((from_torch, h.clone_state()), (g.clone_state(), to_torch)):
        for method, dtype in (("normal_", "float64"), ("random_", "int64"), ("normal_", "float32")):
            for shape in ((3,), (700,)):
                out, expected = empty(shape, dtype)
                same(fill(method, out, (), ours), fill(method, expected, (), theirs))
        same_state(ours, theirs)


def test_seeds() -> None:
    assert random.Generator().initial_seed() == torch.Generator().initial_seed()
    for seed in (-1, -(2**63), 2**63, 2**64 - 1, 0, True):
        assert random.manual_seed(seed) is random.default_generator
        assert random.initial_seed() == torch.manual_seed(seed).initial_seed()
        same(random.uniform_(np.empty(5, np.float32)), torch.rand(5))
    assert random.seed() == random.initial_seed() != random.seed()


BAD_FILLS: list[tuple[str, tuple[Any, ...], str, int]] = [
    ("uniform_", (2, 1), "float32", 3),
    ("uniform_", (2, 1), "float32", 0),
    ("uniform_", (0, np.inf), "float32", 3),
    ("uniform_", (np.nan, 1), "float32", 3),
    ("uniform_", (-3e38, 3e38), "float32", 3),
    ("normal_", (0, -1), "float32", 3),
    ("normal_", (0, np.nan), "float32", 0),
    ("bernoulli_", (2.0,), "float32", 3),
    ("bernoulli_", (np.nan,), "float32", 3),
    ("random_", (3, 3), "int64", 0),
    ("random_", (-1, 3), "uint8", 3),
    ("random_", (0, 300), "int8", 3),
    ("random_", (0, 3), "bool", 3),
    ("random_", (0, 99999), "float16", 3),
    ("exponential_", (0,), "float32", 3),
    ("exponential_", (-1,), "float32", 0),
]


@pytest.mark.parametrize(("method", "args", "dtype", "n"), BAD_FILLS)
def test_errors_of_fills(method: str, args: tuple[Any, ...], dtype: str, n: int) -> None:
    for out, generator in zip(empty((n,), dtype), pair(), strict=True):
        with pytest.raises(RuntimeError):
            fill(method, out, args, generator)


BAD_WEIGHTS: list[Any] = [[1.0, -1], [0.0, 0], [1, np.nan], [1, np.inf], 1.0, [[[1.0]]], [1, 2]]
BAD_DRAWS = [(weights, 1, replacement) for weights in BAD_WEIGHTS for replacement in (True, False)]
BAD_DRAWS += [([1.0, 2], 3, False), ([1.0, 2], 0, True)]


@pytest.mark.parametrize(("weights", "n", "replacement"), BAD_DRAWS)
def test_errors_of_multinomial(weights: Any, n: int, replacement: bool) -> None:
    with pytest.raises(RuntimeError):
        torch.multinomial(torch.tensor(weights), n, replacement)
    with pytest.raises(RuntimeError):
        random.multinomial(np.array(weights), n, replacement)


G, H = random.Generator, torch.Generator
OTHER_ERRORS: dict[str, tuple[Any, Any]] = {
    "device": (lambda: G("cuda"), lambda: H("cuda")),
    "std": (lambda: random.normal(0, -np.ones(3)), lambda: torch.normal(0, -torch.ones(3))),
    "p": (lambda: random.bernoulli_(np.ones(2), 2 * np.ones(2)), lambda: torch.bernoulli(2 * torch.ones(2))),
    "n": (lambda: random.randperm(-1), lambda: torch.randperm(-1)),
    "uint8": (lambda: random.randperm(300, "uint8"), lambda: torch.randperm(300, dtype=torch.uint8)),
    "float16": (lambda: random.randperm(2050, "float16"), lambda: torch.randperm(2050, dtype=torch.float16)),
    "state dtype": (lambda: G().set_state(np.zeros(5056)), lambda: H().set_state(torch.zeros(5056))),
    "state size": (lambda: G().set_state(np.zeros(9, "u1")), lambda: H().set_state(torch.zeros(9).byte())),
    "state": (lambda: G().set_state(np.zeros(5056, "u1")), lambda: H().set_state(torch.zeros(5056).byte())),
    "not a number": (lambda: random.manual_seed("a"), lambda: torch.manual_seed("a")),
}
for bad in (2**64, -(2**63) - 1, 1.5, "1", None, True):
    OTHER_ERRORS[f"seed {bad}"] = (lambda s=bad: G().manual_seed(s), lambda s=bad: H().manual_seed(s))


@pytest.mark.parametrize("name", list(OTHER_ERRORS))
def test_other_errors(name: str) -> None:
    ours, theirs = OTHER_ERRORS[name]
    with pytest.raises(Exception) as expected:
        theirs()
    with pytest.raises(expected.type) as got:
        ours()
    assert got.type is expected.type


@pytest.mark.filterwarnings("error")
def test_no_numpy_warning() -> None:
    random.normal_(np.empty(20, np.float16), 0, 1e30)
    random.normal_(np.empty(3, np.float32), 0, 1e300)
    random.uniform_(np.empty(20, np.float16), 0, 1e-30)
    random.exponential_(np.empty(20, np.float16), 1e-30)
    random.exponential_(np.empty(20, np.float32), np.inf)
    random.multinomial(np.full(200, 1e-300), 20)
    random.random_(np.empty(20, np.int64), -(2**62), 2**63 - 1)
    random.random_(np.empty(20, np.float64), 0, 2**63 - 1)


def test_threads_share_a_generator() -> None:
    g, alone = random.Generator().manual_seed(2), random.Generator().manual_seed(2)
    drawn: list[bytes] = []

    def draw() -> None:
        drawn.append(random.normal_(np.empty(1001), generator=g).tobytes())

    threads = [threading.Thread(target=draw) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(drawn) == {random.normal_(np.empty(1001), generator=alone).tobytes() for _ in range(8)}


def test_imports_no_torch() -> None:
    code = "import sys, minigrad.random; print('torch' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "False"
