"""Promotion, conversion and the arithmetic of every type: the full table of pairs is torch's, to the bit.

Not compared, since it is not here: complex and bfloat16, and the unsigned types above uint8.
"""

import itertools
import operator
import warnings
from typing import Any

import numpy as np
import pytest
import torch

import minigrad

from .outcomes import agrees, plain

DTYPES = ["float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "bool"]
VALUES = {
    "f": [-2.5, 0.1, 1.0, 3.0, 70.0, 0.0],
    "i": [-3, 1, 2, 7, 100, -128],
    "u": [1, 2, 3, 7, 100, 255],
    "b": [1, 0, 1, 1, 0, 0],
}
NUMBERS = [True, False, 0, 3, -2, 300, 2**40, 2.5, -0.1, 1e-9, 70000.0, float("inf"), float("nan")]
PAIRS = list(itertools.product(DTYPES, DTYPES))
OPERATORS = ["add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "eq", "ne", "lt", "le", "gt", "ge"]
OPERATORS += ["and_", "or_", "xor"]
IN_PLACE = ["iadd", "isub", "imul", "itruediv", "ifloordiv", "imod", "ipow", "iand", "ior", "ixor"]
ENGINES = (minigrad, torch)


def operand(engine: Any, dtype: str, rank: str) -> Any:
    values = VALUES[np.dtype(dtype).kind]
    return engine.tensor(values if rank == "dimensioned" else values[2], dtype=getattr(engine, dtype))


def computed(compute: Any, *operands: Any) -> Any:
    """The result, or the kind of refusal; and what has become of the first operand."""
    try:
        result = plain(compute(*operands))
    except RuntimeError:  # or NotImplementedError, which is one: where two things are wrong, either may be found first
        result = "RuntimeError"
    except Exception as error:
        result = type(error).__name__
    return result, plain(operands[0])


def zero_free(name: str, dtype: str, rank: str) -> bool:
    """Whether an integer quotient by 0 is left out; its refusal has a test of its own."""
    return not ("div" in name or "mod" in name) or np.dtype(dtype).kind != "b" or rank == "zero-dim"


@pytest.mark.parametrize("name", OPERATORS + IN_PLACE)
def test_every_pair_in_every_rank(name: str) -> None:
    compute = getattr(operator, name)
    ranks = ["dimensioned", "zero-dim"]
    for left, right, left_rank, right_rank in itertools.product(DTYPES, DTYPES, ranks, ranks):
        if name in ("pow", "ipow") and "f" in (np.dtype(left).kind, np.dtype(right).kind):
            continue  # roundings of the mathematical library: see test_powers
        if not zero_free(name, right, right_rank):
            continue
        ours, theirs = [computed(compute, operand(e, left, left_rank), operand(e, right, right_rank)) for e in ENGINES]
        assert ours == theirs, (name, left, left_rank, right, right_rank)


@pytest.mark.parametrize("name", OPERATORS + IN_PLACE)
def test_every_type_with_every_number(name: str) -> None:
    compute = getattr(operator, name)
    for dtype, rank, number in itertools.product(DTYPES, ["dimensioned", "zero-dim"], NUMBERS):
        if name in ("pow", "ipow") and ("float" in dtype or isinstance(number, float)):
            continue
        ours, theirs = [computed(compute, operand(e, dtype, rank), number) for e in ENGINES]
        assert ours == theirs, (name, dtype, rank, number)
        if (
            name in OPERATORS
            and zero_free(name, dtype, rank)
            and not (name == "truediv" or (name == "floordiv" and dtype == "float16"))
        ):
            ours, theirs = [computed(lambda t, n=number: compute(n, t), operand(e, dtype, rank)) for e in ENGINES]
            assert ours == theirs, (name, number, dtype, rank)


@pytest.mark.parametrize("dtype", DTYPES)
def test_number_over_tensor(dtype: str) -> None:
    """``c / x`` is ``c`` times the reciprocal, which torch computes in vectors of its own: 1 ulp of the type."""
    for number in NUMBERS[:-2]:
        ours, theirs = [(number / operand(e, dtype, "dimensioned")).numpy() for e in ENGINES]
        assert ours.dtype == theirs.dtype
        np.testing.assert_allclose(ours, theirs, rtol=float(np.finfo(ours.dtype).eps), atol=0)


@pytest.mark.parametrize(("left", "right"), PAIRS)
def test_powers(left: str, right: str) -> None:
    """NumPy and torch each have a pow of their own; they agree to 2 ulp."""
    ours, theirs = [
        computed(operator.pow, operand(e, left, "dimensioned"), operand(e, right, "dimensioned"))[0] for e in ENGINES
    ]
    assert ours[:-1] == theirs[:-1]
    if "float" in ours[1]:
        kind = ours[1].removeprefix("torch.")
        a, b = np.frombuffer(ours[-1], kind), np.frombuffer(theirs[-1], kind)
        np.testing.assert_allclose(a, b, rtol=2 * float(np.finfo(kind).eps))


@pytest.mark.parametrize(("left", "right"), PAIRS)
def test_promote_and_cast(left: str, right: str) -> None:
    agrees(f"[torch.promote_types(torch.{left}, torch.{right}), torch.can_cast(torch.{left}, torch.{right})]")
    for first, second in itertools.product(
        (f"torch.ones(2, dtype=torch.{left})", f"torch.tensor(1, dtype=torch.{left})"), repeat=2
    ):
        agrees(f"torch.result_type({first}, {second.replace(left, right)})")
    agrees(f"[torch.result_type(torch.ones(2, dtype=torch.{left}), number) for number in (True, 3, 2.5)]")


CUT = [0.0, -0.0, 0.5, -1.5, 127.0, 128.0, 255.0, 256.0, 300.0, -300.0, 65504.0, 70000.0, 3e9, -3e9, 1e20, -1e20]
CUT += [float("nan"), float("inf"), -float("inf"), 2.0**31, 2.0**32, 2.0**62, 1 / 3, 1.00048828125 + 2**-30]


@pytest.mark.parametrize(("left", "right"), PAIRS)
def test_conversions(left: str, right: str) -> None:
    """Through to(), copy_() and in the way numbers wrap around or are cut, where C leaves that open as well."""
    rng = np.random.default_rng(0)
    if left in ("float16", "float32", "float64"):
        drawn = np.concatenate([CUT, rng.normal(size=500) * 10.0 ** rng.integers(-8, 12, 500)])
    else:
        drawn = rng.integers(-(2**62), 2**62, 500)
    with np.errstate(all="ignore"):
        array = drawn.astype(left)
    for engine_array in (array, array[:3], np.ascontiguousarray(array[::7])):
        results = []
        for engine in ENGINES:
            source = engine.from_numpy(engine_array.copy())
            target = engine.zeros(source.shape, dtype=getattr(engine, right))
            results.append((plain(source.to(getattr(engine, right))), plain(target.copy_(source))))
        assert results[0] == results[1]


NAMES = {
    "t": "torch.tensor([1.,2.])", "ti": "torch.tensor([1,2])", "bo": "torch.tensor([True,False])",
    "tg": "torch.tensor([1.,2.], requires_grad=True)", "u": "torch.tensor([1,250], dtype=torch.uint8)",
    "h": "torch.tensor([1.,2.], dtype=torch.float16)", "t0": "torch.tensor(2.5, dtype=torch.float64)",
    "i8": "torch.tensor([1,100,-128], dtype=torch.int8)", "a": "np.array([1.,2.])",
}  # fmt: skip

SAME = """
isinstance(t, torch.FloatTensor)
isinstance(ti, torch.FloatTensor)
isinstance(t, torch.Tensor)
t.type("torch.DoubleTensor")
t.type(torch.float64)
t.type(torch.DoubleTensor)
t.type("torch.FooTensor")
t.type("float64")
t.type(float)
t.type(int)
t.type(torch.float32) is t
t.type("torch.FloatTensor") is t
t.type(np.float64)
t.type(None)
t.type(dtype=torch.int32)
t.type(torch.int32, non_blocking=True)
t.type_as(ti)
t.to(torch.float64)
t.to(dtype=torch.float64)
t.to("cpu") is t
t.to("cpu")
t.to(torch.device("cpu")) is t
t.to("cuda")
t.to("cpu",torch.float64)
t.to(device="cpu",dtype=torch.int32)
t.to(ti)
t.to(other=ti)
t.to(torch.float32) is t
t.to(torch.float32,copy=True) is t
t.to(copy=True) is t
t.to() is t
t.to(torch.float64, non_blocking=True, copy=False)
t.to(torch.float64, True)
t.to("float64")
t.to(float)
t.to(int)
t.to(bool)
t.to(None)
t.to(1)
t.to(dtype="float")
t.float() is t
t.double()
t.half()
t.long()
t.int()
t.short()
t.bool()
t.byte()
t.char()
t.cpu() is t
t.cuda()
torch.set_default_dtype(torch.int64)
torch.set_default_dtype(float)
torch.get_default_dtype()
torch.finfo(torch.float32)
torch.finfo()
torch.finfo(torch.float16)
torch.finfo(torch.float64)
torch.finfo(torch.int64)
torch.iinfo(torch.int64)
torch.iinfo(torch.uint8)
torch.iinfo(torch.float32)
torch.iinfo(torch.bool)
torch.iinfo(torch.int8).max
torch.finfo(torch.float32).dtype
torch.iinfo(torch.int8).dtype
torch.finfo(torch.float32).smallest_normal
torch.finfo(torch.float32).resolution
torch.finfo(torch.float16).eps
torch.finfo("float32")
torch.finfo(torch.float32)==torch.finfo(torch.float32)
torch.finfo(torch.float16).resolution
torch.finfo(torch.float64).resolution
torch.finfo(torch.float32).tiny
torch.finfo(torch.float32).bits
torch.result_type(t,1)
torch.result_type(ti,1.5)
torch.result_type(1,1.5)
torch.result_type(t,t0)
torch.result_type(u,300)
torch.result_type(t,"a")
torch.promote_types(torch.int8,torch.uint8)
torch.promote_types(torch.int8,1)
torch.can_cast(torch.float32,torch.int32)
torch.can_cast(torch.int32,torch.float16)
torch.can_cast(torch.bool,torch.int8)
torch.can_cast(torch.int8,torch.uint8)
torch.can_cast(torch.int64,torch.bool)
torch.can_cast(torch.float64,torch.float16)
torch.float32.itemsize
torch.float32.is_floating_point
torch.uint8.is_signed
torch.bool.is_signed
torch.float32==torch.float
torch.float32=="float32"
torch.float32==np.float32
"""

INTEGERS = """
u+300
u-1
u*-1
u+2**40
u+2**63
ti+2**63
t+2**63
u==300
u==-1
u<300
u<-1
u>256
i8==200
i8<200
i8+200
u//0
ti//0
ti%0
ti/0
t//0
t%0
i8//-1
i8%-3
ti//2.5
-7//torch.tensor(2)
torch.tensor(-7)//2
torch.tensor(-7)%3
torch.tensor(-7.5)%3
torch.tensor(7.)%-3
torch.tensor(7.)//-2
torch.tensor([-0.,0.,5.,-5.,float("inf"),float("nan")])//torch.tensor([3.,3.,-0.,0.,3.,1.])
torch.tensor([-0.,0.,5.,-5.,float("inf"),5.,-5.])%torch.tensor([3.,-3.,-0.,0.,3.,float("inf"),float("inf")])
torch.fmod(torch.tensor([-7.,7.]),3)
torch.fmod(torch.tensor([-7,7]),3)
torch.remainder(torch.tensor([-7,7]),3)
torch.remainder(7,torch.tensor([3,-3]))
torch.floor_divide(torch.tensor([-7,7]),2)
torch.floor_divide(7,torch.tensor(2))
bo//bo
bo%bo
bo+bo
bo*bo
bo-bo
bo-1
1-bo
-bo
bo/bo
bo/2
bo**2
bo**bo
2**bo
bo+1
bo+1.5
bo&bo
bo|1
bo^bo
~bo
bo&1.5
ti&1
ti&t
ti|u
1|ti
6&ti
6^ti
torch.bitwise_and(ti,1)
torch.bitwise_not(u)
torch.logical_and(t,ti)
torch.logical_and(t,1)
torch.logical_or(bo,bo)
torch.logical_xor(t,t*0)
torch.logical_not(t)
t.logical_and(bo)
t and bo
t.isclose(t+1e-6)
torch.isclose(ti,ti+1)
torch.isclose(ti,t)
torch.isclose(torch.tensor([float("nan"),float("inf")]),torch.tensor([float("nan"),float("inf")]),equal_nan=True)
torch.isclose(t,t,rtol=-1)
torch.equal(t,torch.ones(3))
torch.equal(t,t.double())
torch.equal(t,1)
torch.equal(torch.tensor([float("nan")]),torch.tensor([float("nan")]))
t==t.view(2,1)
torch.eq(t,1)
t.eq(None)
t.tolist()
abs(bo)
abs(u)
-u
+bo
t.float().type()
t**-1
ti**-1
ti**2.0
ti**torch.tensor(-1)
ti**torch.tensor([-1,2])
ti**0.5
u**2
2**ti
2.0**ti
(-2)**ti
t.__array_priority__
1.5//t
5%ti
5.5%ti
pow(2,ti)
"""


def lines(text: str) -> list[str]:
    return text.strip().splitlines()


@pytest.mark.parametrize("expression", lines(SAME) + lines(INTEGERS))
def test_expression(expression: str) -> None:
    agrees(expression, **NAMES)


def test_float16_meets_a_number_in_full() -> None:
    """0.1 has more digits than float16 holds; in products and quotients torch uses them, in sums it does not."""
    values = np.random.default_rng(1).normal(size=2000).astype(np.float16)
    for engine in ENGINES:
        assert engine.from_numpy(values).dtype is engine.float16
    for number, name in itertools.product([0.1, 2049, 70000.0, 1e-9], ["add", "sub", "mul", "truediv"]):
        ours, theirs = [plain(getattr(operator, name)(e.from_numpy(values), number)) for e in ENGINES]
        assert ours == theirs, (number, name)
        ours, theirs = [
            plain(getattr(operator, name)(e.from_numpy(values), e.tensor(number, dtype=e.float64))) for e in ENGINES
        ]
        assert ours == theirs, (number, name)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_default_dtype(dtype: str) -> None:
    before = torch.get_default_dtype()
    try:
        for engine in ENGINES:
            engine.set_default_dtype(getattr(engine, dtype))
        for expression in ["torch.tensor([1.5])", "torch.ones(2)", "torch.tensor([1]) + 0.5", "torch.tensor([1]) / 2",
                           "torch.Tensor([1])",
                           "torch.arange(2.5)", "torch.linspace(0, 1, 3)", "torch.get_default_dtype()", "torch.finfo().eps",
                           "torch.tensor([np.float64(1)])", "torch.full((2,), 1.5)",
                           "torch.result_type(1, 1.5)"]:  # fmt: skip
            agrees(expression)
    finally:
        torch.set_default_dtype(before)
        minigrad.set_default_dtype(minigrad.float32)


@pytest.mark.parametrize("kind", ["float16", "float32", "float64"])
def test_finfo(kind: str) -> None:
    ours, theirs = [engine.finfo(getattr(engine, kind)) for engine in ENGINES]
    assert repr(ours) == repr(theirs)
    for field in ("bits", "min", "max", "eps", "tiny", "smallest_normal", "resolution", "dtype"):
        assert getattr(ours, field) == getattr(theirs, field)


@pytest.mark.parametrize("kind", ["int8", "int16", "int32", "int64", "uint8"])
def test_iinfo(kind: str) -> None:
    ours, theirs = [engine.iinfo(getattr(engine, kind)) for engine in ENGINES]
    assert repr(ours) == repr(theirs)
    assert [getattr(ours, f) for f in ("bits", "min", "max", "dtype")] == [
        getattr(theirs, f) for f in ("bits", "min", "max", "dtype")
    ]


def test_a_refused_edit_changes_nothing() -> None:
    whole = minigrad.tensor([1, 2])
    for edit in (
        lambda: whole.add_(1.5),
        lambda: whole.div_(2),
        lambda: operator.ifloordiv(whole, 0),
        lambda: whole.fill_(2**70),
    ):
        with pytest.raises((RuntimeError, TypeError)):
            edit()
        assert (whole.tolist(), whole._version) == ([1, 2], 0)


def test_a_zero_dim_edit_wraps_around() -> None:
    ours, theirs = [plain(e.tensor(100, dtype=e.int8).add_(e.tensor(100, dtype=e.int16))) for e in ENGINES]
    assert ours == theirs


def test_no_warning_of_numpy() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        minigrad.tensor([1e300, -1e300, float("nan")], dtype=minigrad.float64).half()
        minigrad.tensor([1e30, float("nan")]).to(minigrad.int8)
        _ = minigrad.tensor([0.0]) // 0, minigrad.tensor([0.0]) % 0, minigrad.tensor([1.0], dtype=minigrad.float16) * 1e30
        minigrad.tensor([1.0]).fill_(float("inf")).to(minigrad.uint8)
