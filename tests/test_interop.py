"""A tensor among NumPy, Python and matplotlib: operators on either side, conversions, copies, sizes, as torch has them."""

import copy
import pickle
import warnings

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

import minigrad

from .outcomes import agrees, plain

ENGINES = (minigrad, torch)
NAMES = {
    "t": "torch.tensor([1.,2.])", "ti": "torch.tensor([1,2])", "tg": "torch.tensor([1.,2.], requires_grad=True)",
    "t0": "torch.tensor(2.)", "h": "torch.tensor([1.,2.], dtype=torch.float16)", "a": "np.array([3.,4.])",
    "ai": "np.array([3,4])", "a0": "np.array(2.)", "ai0": "np.array(2)", "f32": "np.float32(2.5)", "f64": "np.float64(2.5)",
    "i8": "np.int8(3)", "i64": "np.int64(3)", "b_": "np.bool_(True)", "f16": "np.float16(2.5)",
}  # fmt: skip

HAND = """
t+[1,2]
[1,2]+t
t+(1,2)
t+"a"
t+None
None+t
t==None
t=="a"
t!=None
t==[1,2]
t<None
t<"a"
torch.mul(t,f32)
torch.add(t,"a")
torch.add(a,t)
t.add(f64)
t.__array__()
abs(t)
divmod(t,2)
divmod(7,t)
pow(t,2)
pow(t,2,3)
2**t
-t
+t
~t
~ti
t.__index__()
ti[0].__index__()
range(ti[1])
[1,2,3][ti[0]]
float(t)
float(t0)
int(t0)
int(torch.tensor(float("nan")))
int(torch.tensor(float("inf")))
bool(t)
bool(torch.tensor([]))
bool(torch.tensor([[1.]]))
float(torch.tensor([[1.]]))
int(torch.tensor([1.7]))
len(t0)
len(t)
list(t)
list(t0)
1 in t
t0 in t
"a" in t
None in t
[1.] in t
hash(t)==hash(t)
"%.10f" % t0
"%d" % t0
"%s"%t
"%.3f"%t
f"{t0:.3f}"
f"{t:.3f}"
f"{t}"
f"{t0}"
f"{tg[0]:.2f}"
f"{ti[0]:05d}"
f"{t0:>10}"
f"{torch.tensor([1.5]):.2f}"
f"{t:>30}"
ti.__index__()
torch.tensor(True).__index__()
oct(ti[0])
hex(ti[1])
math.sqrt(t0)
t.equal(ti)
torch.equal(t,ti)
t.allclose(ti)
t.allclose(a)
torch.isclose(t,t+1e-9)
torch.isclose(ti,ti)
torch.allclose(t,t.double())
t.element_size()
t.nbytes
t.itemsize
t.is_signed()
t.is_cpu
t.is_leaf
t.get_device()
t.type()
ti.type()
t0.itemsize
t.grad_fn
t.size(0)
t.size(dim=-1)
t.size(3)
t.stride()
t.stride(0)
t0.stride()
t.numel()
torch.numel(t)
torch.is_tensor(t)
torch.is_tensor(a)
torch.is_floating_point(ti)
torch.is_nonzero(t0)
t.is_nonzero()
reversed(t)
reversed(tg)
list(reversed(ti))
reversed(t0)
reversed(torch.arange(6).view(2, 3))
np.asarray(t)
np.array(t, dtype=np.float64)
np.asarray(tg)
np.array([t0, t0])
np.dot(t, t)
np.stack([t, t])
np.add(t, a)
np.sin(t)
np.sqrt(t)
np.maximum(t, 1)
np.exp(t0)
np.sum(t)
np.mean(t)
np.isnan(t)
np.float64(t0)
np.allclose(t, a)
np.asarray(h)
t.__array__(np.float64)
t += a
round(t)
divmod(t, 2)
complex(t)
"{:.3f} {}".format(t0, t)
"""

SIZES = """
torch.Size([2,3])+(1,)
(1,)+torch.Size([2,3])
torch.Size([2,3])+torch.Size([1])
torch.Size([2,3])*2
2*torch.Size([2])
torch.Size([2,3])[0:1]
torch.Size([2,3])[0]
torch.Size([2,3])+[1]
torch.Size((2,3)).numel()
torch.Size([2.5])
torch.Size(["a"])
torch.Size([torch.tensor(3)])
torch.Size([True])
torch.Size()
torch.Size(3)
torch.Size([2,3])==(2,3)
torch.Size([2,3])==[2,3]
hash(torch.Size([2,3]))==hash((2,3))
torch.Size([2,3]).index(3)
torch.Size([-1])
torch.Size([2])+1
torch.Size([2]).__add__([1])
str(torch.Size([]))
copy.copy(torch.Size([2]))
tuple(torch.Size([2]))
"""

FOREIGN = ["a", "ai", "a0", "ai0", "f32", "f64", "i8", "i64", "b_", "f16"]
SIGNS = ["+", "-", "*", "**", "//", "%", "==", "!=", "<", ">=", "@", "&"]


def lines(text: str) -> list[str]:
    return [line for line in text.strip().splitlines() if " += " not in line]


@pytest.mark.parametrize("expression", lines(HAND) + lines(SIZES))
def test_expression(expression: str) -> None:
    agrees(expression, **NAMES)


@pytest.mark.parametrize("sign", SIGNS)
def test_numpy_on_either_side(sign: str) -> None:
    for ours in ("t", "ti", "t0", "tg"):
        for theirs in FOREIGN:
            agrees(f"{ours} {sign} {theirs}", **NAMES)
            agrees(f"{theirs} {sign} {ours}", **NAMES)


def test_division_by_numpy_and_in_place() -> None:
    for ours in ("t", "ti", "t0"):
        for theirs in FOREIGN:
            agrees(f"{ours} / {theirs}", **NAMES)
    for engine in ENGINES:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore" if engine is torch else "error")
            x = before = engine.tensor([1.0, 2.0])
            x += np.array([1.0, 1.0])
        assert (plain(x), x is before) == (plain(engine.tensor([2.0, 3.0], dtype=engine.float64)), False)


def test_array_protocol_with_copy() -> None:
    """Torch does not know ``copy`` yet, so NumPy copies for it and warns; here it is understood."""
    x = minigrad.ones(3)
    assert np.shares_memory(np.asarray(x), x.numpy())
    assert np.shares_memory(np.array(x, copy=False), x.numpy())
    assert not np.shares_memory(np.array(x), x.numpy())
    with pytest.raises(ValueError, match="copy"):
        np.array(x, dtype=np.float64, copy=False)


def test_matplotlib_takes_tensors() -> None:
    matplotlib.use("Agg")
    x = minigrad.linspace(0, 1, 20)
    y = (x * x).detach()
    figure, axes = plt.subplots()
    (line,) = axes.plot(x, y)
    np.testing.assert_array_equal(line.get_ydata(), y.numpy())
    axes.scatter(x, y, s=y)
    counts, _, _ = axes.hist(y, bins=4)
    assert counts.sum() == 20
    axes.plot(minigrad.tensor(0.5), minigrad.tensor(0.5), "o")
    axes.imshow(minigrad.rand(3, 4))
    axes.set_xlim(x[0], x[19])
    figure.canvas.draw()
    plt.close(figure)


COPIES = {"copy": copy.copy, "deepcopy": copy.deepcopy, "pickle": lambda x: pickle.loads(pickle.dumps(x))}


@pytest.mark.parametrize("how", list(COPIES))
def test_copies(how: str) -> None:
    results = []
    for engine in ENGINES:
        leaf = engine.tensor([1.0, 2.0], requires_grad=True)
        leaf.sum().backward()
        parameter = engine.nn.Parameter(engine.ones(2))
        parameter.sum().backward()
        named = engine.tensor([1, 2])
        named.title = "a name"
        frozen = engine.nn.Parameter(engine.ones(2), requires_grad=False)
        outcomes = []
        for original in (
            leaf,
            parameter,
            frozen,
            named,
            leaf * 2,
            leaf.detach(),
            engine.ones(2, 3).t(),
            engine.tensor(2.5).half(),
            leaf[0],
        ):
            try:
                made = COPIES[how](original)
            except Exception as error:
                outcomes.append(type(error).__name__)
                continue
            outcomes.append((
                plain(made), type(made).__name__, made.is_leaf, None if made.grad is None else plain(made.grad),
                made.data_ptr() == original.data_ptr(), getattr(made, "title", None),
            ))  # fmt: skip
        results.append(outcomes)
    assert results[0] == results[1]


def test_deepcopy_keeps_identity() -> None:
    for engine in ENGINES:
        x = engine.ones(2)
        first, second = copy.deepcopy([x, x])
        assert first is second
        assert first is not x


@pytest.mark.parametrize(
    "value", ["minigrad.float32", "minigrad.bool", "minigrad.int", "minigrad.device('cpu:0')", "minigrad.Size([2, 3])"]
)
def test_small_values_are_pickled(value: str) -> None:
    original = eval(value)
    for made in (pickle.loads(pickle.dumps(original)), copy.deepcopy(original)):
        assert (made, type(made), repr(made)) == (original, type(original), repr(original))
    if isinstance(original, minigrad.dtype):
        assert made is original


def test_a_tensor_is_a_key_by_identity() -> None:
    for engine in ENGINES:
        x, y = engine.ones(2), engine.ones(2)
        assert len({x, y, x}) == 2
        assert {x: 1}[x] == 1


def test_isclose_over_many_numbers() -> None:
    rng = np.random.default_rng(0)
    for dtype in ("float16", "float32", "float64", "int32"):
        a = (rng.normal(size=500) * 10.0 ** rng.integers(-8, 4, 500)).astype(dtype)
        b = (a * (1 + 10.0 ** rng.integers(-9, -2, 500))).astype(dtype)
        b[:5] = a[:5]
        if "float" in dtype:
            a[5:9], b[5:9] = [np.nan, np.inf, np.inf, -np.inf], [np.nan, np.inf, -np.inf, 0]
        for options in ({}, {"rtol": 1e-3}, {"atol": 1e-3, "equal_nan": True}, {"rtol": 0.0, "atol": 0.0}):
            ours, theirs = [plain(e.isclose(e.from_numpy(a), e.from_numpy(b), **options)) for e in ENGINES]
            assert ours == theirs
