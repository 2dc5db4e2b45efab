"""The text of a tensor is, to the character, the repr that torch gives for the same elements."""

import math
import time
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from minigrad import printing
from minigrad.printing import tensor_text

Array = npt.NDArray[Any]

FLOATS = [np.float16, np.float32, np.float64]
INTEGERS = [np.int8, np.int16, np.int32, np.int64, np.uint8]
DTYPES = [*FLOATS, *INTEGERS, np.bool_]


@pytest.fixture(autouse=True)
def default_options() -> Iterator[None]:
    """Leave both libraries with default options, whatever a test did to them."""
    yield
    set_both(profile="default")


def set_both(**options: Any) -> None:
    torch.set_printoptions(**options)  # type: ignore[no-untyped-call]
    printing.set_printoptions(**options)


def assert_same_text(array: Array) -> None:
    """Compare with torch for the plain tensor and, of float dtypes, for a leaf and an output as well."""
    tensor = torch.from_numpy(array)
    assert tensor_text(array) == repr(tensor)
    if array.dtype.kind == "f":
        leaf = tensor.requires_grad_()
        assert tensor_text(array, requires_grad=True) == repr(leaf)
        output = leaf.expand_as(leaf)
        assert tensor_text(array, requires_grad=True, grad_fn="ExpandBackward0") == repr(output)


# One line per case: dtype is float32 unless said otherwise.
CASES = {
    "fractions": [0.5, -1.25, 3.0],
    "whole numbers": [1.0, -20.0, 3.0],
    "negative zero": [-0.0, 0.0, 1.0],
    "zeros are one wide": [0.0] * 30,
    "nan among whole numbers": [1.0, math.nan, -math.inf],
    "nothing finite": [math.nan, math.inf, -math.inf],
    "zero and nan": [0.0, math.nan],
    "ratio of 1000": [0.25, 250.0],
    "ratio above 1000": [0.25, 250.25],
    "largest 1e8": [1e8],
    "above 1e8": [1.00001e8],
    "float32 1e-4 lies below 1e-4": [1e-4],
    "negative zero in scientific notation": [-0.0, 1e-9],
    "matrix": [[1.5, -2.0], [3.0, 4.0]],
    "wrapped": np.arange(40) / 8,
    "wrapped rows": np.arange(-60, 60).reshape(3, 40) / 4,
    "five dimensions": np.arange(48).reshape(2, 3, 2, 2, 2),
    "at the threshold": np.arange(1000),
    "above the threshold": np.arange(1001),
    "summarised both ways": np.arange(10000).reshape(100, 100),
    "summarised in one dimension": np.arange(2000).reshape(2, 1000),
    "summarised, yet nothing to cut": np.arange(4**5).reshape(4, 4, 4, 4, 4),
    "hidden elements have no say": np.where(np.arange(1001) == 500, 1e30, 1.5),
    "number": 2.5,
}


@pytest.mark.parametrize("values", CASES.values(), ids=CASES.keys())
def test_named_cases(values: Any) -> None:
    assert_same_text(np.array(values, dtype=np.float32))


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("value", [1e-4, 9.999e-5, 1e8, 60000.0, 5e-324, 1.7e308, 6e-8])
def test_bounds_of_scientific_notation_are_judged_in_double(dtype: Any, value: float) -> None:
    with np.errstate(over="ignore"):
        number = np.array([value], dtype=dtype)
    assert_same_text(number)
    assert_same_text(np.array([number[0], 1.5], dtype=dtype))
    assert_same_text(np.array([number[0], np.finfo(dtype).max], dtype=dtype))


@pytest.mark.parametrize("dtype", INTEGERS)
def test_integers_at_their_limits(dtype: Any) -> None:
    limits = np.iinfo(dtype)
    assert_same_text(np.array([limits.min, 0, limits.max], dtype=dtype))
    assert_same_text(np.array(limits.min, dtype=dtype))


def test_bool() -> None:
    assert_same_text(np.array([[True, False], [True, True]]))
    assert_same_text(np.array(True))
    assert_same_text(np.zeros((40, 40), dtype=np.bool_))


@pytest.mark.parametrize("default", FLOATS)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (0,), (3,), (0, 3), (2, 0, 3), (2, 2)])
def test_dtype_is_said_unless_the_elements_tell_it(default: Any, dtype: Any, shape: tuple[int, ...]) -> None:
    array = np.ones(shape, dtype=dtype)
    torch.set_default_dtype(torch.from_numpy(np.ones((), dtype=default)).dtype)
    try:
        assert tensor_text(array, default_dtype=default) == repr(torch.from_numpy(array))
    finally:
        torch.set_default_dtype(torch.float32)


@pytest.mark.parametrize("linewidth", range(20, 120))
def test_suffixes_move_to_a_new_line_where_they_do_not_fit(linewidth: int) -> None:
    set_both(linewidth=linewidth)
    for dtype in FLOATS:
        assert_same_text(np.full(7, 0.5, dtype=dtype))
        assert_same_text(np.full((2, 7), -1, dtype=dtype))
        assert_same_text(np.ones((0, 1, 2), dtype=dtype))


def test_a_subclass_prints_its_own_name() -> None:
    class Measurement(torch.Tensor):
        pass

    array = np.arange(100, dtype=np.float32).reshape(2, 50)
    assert tensor_text(array, name="Measurement") == repr(torch.from_numpy(array).as_subclass(Measurement))


def test_views() -> None:
    grid = np.arange(3 * 400, dtype=np.float32).reshape(3, 400)
    assert_same_text(grid.T)
    assert_same_text(grid[:, ::3])
    assert_same_text(np.broadcast_to(np.float32(1.5), (50, 60)).copy())


SHAPES = st.one_of(
    hnp.array_shapes(min_dims=0, max_dims=5, min_side=0, max_side=5),
    hnp.array_shapes(min_dims=1, max_dims=2, min_side=1, max_side=45),
    hnp.array_shapes(min_dims=4, max_dims=4, min_side=5, max_side=9),
)


def random_array(rng: np.random.Generator, shape: tuple[int, ...], dtype: Any) -> Array:
    """Elements that meet all the rules: magnitudes near and far, whole numbers, both zeros, inf, nan."""
    kind = np.dtype(dtype).kind
    if kind == "b":
        return np.asarray(rng.integers(0, 2, shape), dtype=dtype)
    if kind in "iu":
        limits = np.iinfo(dtype)
        bound = 10 ** int(rng.integers(1, 20))
        low, high = max(limits.min, -bound), min(limits.max, bound)
        return np.asarray(rng.integers(low, high, shape, dtype=np.int64, endpoint=True), dtype=dtype)
    exponent = rng.uniform(-12, 12)
    spread = rng.choice([0.0, 1.0, 3.0, 12.0])
    values = rng.normal(size=shape) * 10.0 ** (exponent + spread * rng.uniform(-0.5, 0.5, shape))
    if rng.random() < 0.4:
        values = np.round(values)
    if rng.random() < 0.3:
        values = np.abs(values)
    specials = rng.choice([0.0, -0.0, np.inf, -np.inf, np.nan], shape)
    density = rng.choice([0.0, 0.0, 0.1, 0.9, 1.0])
    with np.errstate(over="ignore"):
        return np.asarray(np.where(rng.random(shape) < density, specials, values), dtype=dtype)


@settings(max_examples=500, deadline=None)
@given(seed=st.integers(0, 2**32), shape=SHAPES, dtype=st.sampled_from(DTYPES))
def test_random_arrays(seed: int, shape: tuple[int, ...], dtype: Any) -> None:
    assert_same_text(random_array(np.random.default_rng(seed), shape, dtype))


@settings(max_examples=500, deadline=None)
@given(array=hnp.arrays(st.sampled_from(DTYPES), SHAPES))
def test_arrays_of_hypothesis(array: Array) -> None:
    assert_same_text(array)


OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "precision": st.integers(0, 12),
        "threshold": st.one_of(st.integers(0, 60), st.just(math.inf)),
        "edgeitems": st.integers(0, 7),
        "linewidth": st.integers(1, 200),
        "profile": st.sampled_from(["default", "short", "full", "unknown"]),
        "sci_mode": st.sampled_from([None, True, False]),
    },
)


@settings(max_examples=500, deadline=None)
@given(
    calls=st.lists(OPTIONS, min_size=1, max_size=3),
    seed=st.integers(0, 2**32),
    shape=SHAPES,
    dtype=st.sampled_from(DTYPES),
)
def test_random_options(calls: list[dict[str, Any]], seed: int, shape: tuple[int, ...], dtype: Any) -> None:
    for options in calls:
        set_both(**options)
        assert printing.get_printoptions() == torch._tensor_str.get_printoptions()
    assert_same_text(random_array(np.random.default_rng(seed), shape, dtype))


def test_context_manager_restores_what_was_set_before_even_after_an_error() -> None:
    printing.set_printoptions(precision=7, sci_mode=False)
    before = printing.get_printoptions()

    def fail_inside():
        with printing.printoptions(precision=1, profile="full"):
            assert printing.get_printoptions()["precision"] == 1
            assert printing.get_printoptions()["threshold"] == math.inf
            raise KeyError

    with pytest.raises(KeyError):
        fail_inside()
    assert printing.get_printoptions() == before
    with pytest.raises(TypeError), printing.printoptions(digits=3):
        pass
    assert printing.get_printoptions() == before


def test_no_warning_reaches_the_user() -> None:
    signaling_nan = np.array([0x7F800001, 0x3F800000], dtype=np.uint32).view(np.float32)
    extremes = np.array([5e-324, 1.7e308, np.inf, np.nan])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert_same_text(signaling_nan)
        assert_same_text(extremes)


def test_a_large_array_costs_no_more_than_its_text() -> None:
    large = np.full((1000, 1000), 1.5, dtype=np.float32)
    started = time.perf_counter()
    for _ in range(100):
        tensor_text(large)
    assert time.perf_counter() - started < 1.0
