"""Reading and writing by ``x[...]`` and by positions: memory, what is refused, and programs drawn at random.

Values, gradients, second derivatives, graphs and saved fields of these operators are proven with the table in cases.py.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import minigrad
from reference import both, compare

from .cases import INDEXING, LAYOUTS, SHAPES, Case, elements, has_layout, leaves_of, output_of
from .refusing import lines, outcome, refused_alike

MEMORY = [
    pytest.param(case, layout, id=f"{case.name}-{layout}")
    for case in [*INDEXING, *SHAPES]
    for layout in LAYOUTS
    if has_layout(case, layout)
]


def strides_that_count(tensor: Any) -> list[int]:
    """The strides along which there is more than one position: the others are never used, and NumPy sets them freely."""
    return [step for step, n in zip(tensor.stride(), tensor.shape, strict=True) if n > 1 and tensor.numel()]


@pytest.mark.parametrize(("case", "layout"), MEMORY)
def test_memory(case: Case, layout: str) -> None:
    """A result is a view where torch's is, of the same base, at the same place; a copy lies in memory as torch's does."""

    def program(torch: Any) -> Any:
        leaves = leaves_of(torch, case, "float32", layout)
        output = output_of(torch, case, leaves, layout)
        base = output._base
        place = None if base is None else (output.data_ptr() - base.data_ptr() if output.numel() else 0)
        return output._is_view(), [leaf is base for leaf in leaves], place, strides_that_count(output)

    ours, theirs = both(program)
    assert ours == theirs


# --- what is refused ----------------------------------------------------------------------------------------------------

REFUSED = """
x[2]; x[-3]; x[0, 3]; x[0, 0, 0, 0]; x[far]; x[before]; x[:, far]; x[i, far]; x[i, torch.tensor([0, 1, 2])]; x[real]
x[short]; x[1.0]; x['a']; x[object()]; x[{}]; x[1j]; x[mask, mask]; x[mask.t()]; x[:, mask.t()]; x[[True]]
x[np.float32(1)]; x[np.bool_(True)]; x[::-1]; x[::0]; x[0.5:]; s[0]; s[:]; s[[0]]; e[0]; x[i, i, i, i]
x[torch.tensor(5)]; x[torch.tensor(1.0)]; x[2] = 1; x[far] = 1; x[:, far] = 1; x[0, 0, 0, 0] = 1; x[real] = 1
x[1.0] = 1; x[mask.t()] = 1; x[::-1] = 1; s[0] = 1; x[0] = [1, 2, 3, 4]; x[0] = np.ones(4); x[i] = np.ones(4)
x[0] = None; x[0] = 'x'; x[0] = torch.ones(2, 4); x[0] = torch.ones(2, 3, 4); x[i] = torch.ones(5)
x[x > 3] = torch.ones(19); x[x > 100] = torch.ones(3); x[i] = torch.ones(4, dtype=torch.float64); x[i] = n[0]
n[0] = float('nan'); n[0] = float('inf'); n[0] = 1e30; n[i] = float('nan'); b[0] = 300; b[0] = -300; b[i] = 256
v[0] = 1e300; leaf[0] = 1; leaf[:] = 1; leaf[i] = 1; leaf[leaf > 1] = 1; leaf.detach()[7] = 1; leaf[0] = s
x.select(0, 2); x.select(3, 0); x.select(0, 1.0); s.select(0, 0); e.select(0, 0); torch.select(v, 0, -4)
x.narrow(0, 1, 2); x.narrow(0, 3, 0); x.narrow(0, 0, -1); x.narrow(5, 0, 1); s.narrow(0, 0, 1); x.narrow(0, -3, 1)
x.index_select(0, far); x.index_select(0, before); x.index_select(0, real); x.index_select(0, short)
x.index_select(0, [0]); x.index_select(3, i); x.index_select(0, torch.tensor([[0]])); v.gather(0, far)
v.gather(0, before); v.gather(0, real); v.gather(0, short); v.gather(1, i); x.gather(0, i); v.gather(0, [0])
x.gather(1, torch.zeros(3, 1, 1).to(torch.int64)); torch.gather(1, 0, i); v.scatter(0, far, v)
v.scatter(0, before, v); v.scatter(0, i, double); v.scatter(0, i, s); x.scatter(0, i, x); v.scatter(0, real, v)
v.scatter(0, torch.tensor([0, 0, 0, 0]), v); v.scatter_(0, far, 9.0); v.scatter_add_(0, far, v)
v.scatter_add(0, i, 2.0); v.scatter_add(0, i, double); leaf.scatter_(0, i, 1.0); n.scatter(0, i, float('nan'))
v.index_add(0, far, v[:2]); v.index_add(0, i, v); v.index_add(0, i, double); v.index_add(1, i, v[:2])
v.index_add(0, mask, v); x.index_add(0, i, x[:, :2]); v.index_add_(0, far, v[:2] * 1); x.index_add(0, far, x)
v.index_add(0, short, v[:2]); leaf.index_add_(0, i, leaf[:2]);
x.index_add(0, i, x[:, :2]); x.index_add(0, i, v[:2])
v.index_put((far,), s); v.index_put((i,), 1.0)
v.index_put(i, s); v.index_put((i,), double); v.index_put((i,), v); v.index_put((i, i), s); v.index_put((real,), s)
v.index_put_((far,), s); leaf.index_put_((i,), s); v.masked_fill(mask[:, 0], 1); v.masked_fill(n, 1)
v.masked_fill(v > 1, v); v.masked_fill([True], 1); v.masked_fill(v > 1, 1e300); n.masked_fill(n > 1, float('inf'))
v.masked_fill_(mask, 1); leaf.masked_fill_(leaf > 1, 1); v.masked_select(n); v.masked_select(mask[:, 0])
v.masked_select([True]);
torch.where(v, v, v); torch.where(v > 1, v); torch.where([True], 1, 2); torch.where(True, v, v)
torch.where(mask, torch.ones(4), v);
torch.take_along_dim(v, real, 0)
torch.take_along_dim(x, i, 0); torch.take_along_dim(v, i, 3); torch.take_along_dim(v, short, 0)
torch.take_along_dim(x, torch.zeros(2, 2, 4).to(torch.int64), 0)
"""


@pytest.mark.parametrize("code", lines(REFUSED))
def test_refused(code: str) -> None:
    refused_alike(code)


@pytest.mark.parametrize("code", ["x.scatter(0, i, w)", "x.scatter_add(0, i, w)"])
def test_a_source_larger_than_the_index_has_no_gradient(code: str) -> None:
    """torch finds this out only in the backward pass, and so do we."""
    for engine in (minigrad, torch):
        w = engine.tensor([1.0, 2.0, 3.0], requires_grad=True)
        result = eval(code, {"x": engine.zeros(3), "i": engine.tensor([0, 1]), "w": w})
        with pytest.raises(RuntimeError, match=r"gradient"):
            result.sum().backward()


# --- writing ------------------------------------------------------------------------------------------------------------

WRITTEN = """
x[0] = 1; x[...] = 1; x[:] = 1; x[None] = 1; x[True] = 5; x[False] = 5; x[0] = s; x[0] = s.to(torch.float64)
x[0] = torch.tensor([2.0]); x[0] = torch.ones(1, 1, 1, 4); x[i] = 1; x[i] = torch.ones(1, 1, 1, 1, 4); x[x > 3] = 0
x[x > 3] = torch.tensor(np.arange(20, dtype=np.float32)); x[0] = np.float64(3); x[0] = np.int64(3); x[0] = True
x[i, 0] = 7.0; x[0, i] = 7.0; x[:, True] = 3; x[0, True] = 3; x[True, False] = 3; x[torch.tensor(True)] = 3
x[[0, 1], [1, 2]] = 9; x[()] = 3; x[..., 0] = torch.ones(2, 1); x[::2] = 4; x[:, i] = torch.ones(4); x[mask] = 2
x[i, :, i] = torch.ones(2, 3); x[torch.tensor(1)] = 2; x[1] = x[0]; x[:, 1:] = x[:, :-1].clone(); x[1, 2, 3] = n[1]
x[0] = n[0]; x[[]] = 4; n[0] = 1.7; n[0] = s / 2; n[1:] = v[1:] * 1.3; n[i] = 1.7; n[0] = -1; n[0] = True; b[0] = -1
b[0] = -255; b[0] = 300 * n[0]; b[1:] = v[1:]; v[0] = float('inf'); v[0] = float('-inf'); v[1] = n[1]; v[-1] = 2**40
v[0] += 1; v[v > 1] *= 2; v[i] -= v[2]; x[0, 1:, ::2] += 10; s[...] = 4; s[()] = 5; mask[0] = 2; mask[0] = 0.5
mask[i] = 0; mask[mask] = False; x[0][1][2] = 9; x.transpose(0, 2)[1] = 8;
v.index_add_(0, i, v[1:] * 1, alpha=2); v.masked_fill_(v > 1, -1)
v.scatter_(0, i, v[1:] + 5); v.scatter_(0, i, 6); v.scatter_add_(0, i, v * 1); v.index_put_((i,), s, accumulate=True)
n.masked_fill_(n > 1, 1.9)
n.scatter_(0, i, 1.5); b.masked_fill_(b > 1, -2)
"""


@pytest.mark.parametrize("code", lines(WRITTEN))
def test_written(code: str) -> None:
    """The values after a write are torch's, and so is the number of versions."""
    (ours, text), values = outcome(minigrad, code)
    (theirs, _), torchs_values = outcome(torch, code)
    assert (ours, theirs) == ("none", "none"), text
    assert values == torchs_values


def test_versions_and_shared_memory() -> None:
    def program(torch: Any) -> Any:
        x = torch.zeros(3, 4)
        row, column, alias = x[1], x[:, 2], x[...]
        versions = [x._version]
        for change in (
            lambda: x.__setitem__(0, 1.0),
            lambda: row.__setitem__(3, 7.0),
            lambda: alias.__setitem__((0, 0), torch.tensor(5.0)),
            lambda: column.fill_(2),
            lambda: x.__setitem__(False, 9),
            lambda: x.__setitem__([0, 1], 3),
        ):
            change()
            versions.append((x._version, row._version, column._version, alias._version))
        return versions, x, row, column, alias._base is x, row._base is x

    report = compare(*both(program))
    assert report, str(report)


def test_an_index_changed_after_the_forward_pass_is_noticed() -> None:
    """The node saved the index tensor: its change would send the gradient elsewhere."""
    for engine in (minigrad, torch):
        x, index = engine.ones(3, requires_grad=True), engine.tensor([0, 1])
        y = x[index]
        index[0] = 2
        with pytest.raises(RuntimeError):
            y.sum().backward()


def test_lists_of_lists_are_read_as_one_index_per_dimension_with_a_warning() -> None:
    def program(torch: Any) -> Any:
        x = torch.tensor(np.arange(24, dtype=np.float32).reshape(2, 3, 4))
        results = []
        for key in ([[0, 1], [1, 2]], [0, slice(0, 1)], [None], [torch.tensor(0), torch.tensor(1)], [..., 1]):
            with pytest.warns(UserWarning, match=r"x\[|non-tuple"):
                results.append(x[key])
        with pytest.warns(UserWarning, match="uint8"):
            results.append(x[torch.tensor([1, 0]).to(torch.uint8)])
        return results

    report = compare(*both(program))
    assert report, str(report)


def test_numpys_own_view_of_a_part() -> None:
    """A part shares its memory with the array that NumPy sees."""
    x = minigrad.zeros(2, 3)
    x[1, 1:].numpy()[0] = 4
    assert x.tolist() == [[0, 0, 0], [0, 4, 0]]


# --- keys drawn at random -----------------------------------------------------------------------------------------------


@st.composite
def shapes_and_keys(draw: st.DrawFn) -> tuple[tuple[int, ...], Callable[[Any], Any], str]:
    """A shape, a key for it as a function of the module ``torch``, and the layout of the tensor."""
    shape = tuple(draw(st.lists(st.integers(0, 4), max_size=4)))
    items: list[Callable[[Any], Any]] = []
    ellipsis = False
    dim = 0
    for _ in range(draw(st.integers(0, len(shape) + 1))):
        length = shape[dim] if dim < len(shape) else 3
        position = st.integers(-length, length - 1) if length else st.just(0)
        kind = draw(
            st.sampled_from(
                ["int", "slice", "none", "...", "bool", "list", "tensor", "table", "mask", "mask2", "0-dim", "ndarray"]
            )
        )
        if kind == "...":
            if not ellipsis:  # torch reads beyond its own shape for a second one
                items.append(lambda torch: ...)
            ellipsis = True
        elif kind == "none":
            items.append(lambda torch: None)
        elif kind == "bool":
            truth = draw(st.booleans())
            items.append(lambda torch, truth=truth: truth)
        elif kind == "slice":
            ends = st.none() | st.integers(-5, 5)
            part = slice(draw(ends), draw(ends), draw(st.none() | st.integers(1, 3)))
            items.append(lambda torch, part=part: part)
            dim += 1
        elif kind == "mask":
            value = draw(st.lists(st.booleans(), min_size=length, max_size=length))
            mask = np.array(value, bool)
            items.append(lambda torch, mask=mask: torch.tensor(mask))
            dim += 1
        elif kind == "mask2":
            if dim + 1 < len(shape):
                count = length * shape[dim + 1]
                value = draw(st.lists(st.booleans(), min_size=count, max_size=count))
                mask = np.array(value, bool).reshape(length, shape[dim + 1])
                items.append(lambda torch, mask=mask: torch.tensor(mask))
                dim += 2
        elif kind in ("int", "0-dim"):
            make = (lambda torch, value: value) if kind == "int" else (lambda torch, value: torch.tensor(value))
            at = draw(position)
            items.append(lambda torch, make=make, at=at: make(torch, at))
            dim += 1
        else:
            # An empty dimension has no positions: torch accepts any there if the result is empty anyway, NumPy none.
            some = draw(st.lists(position, min_size=1, max_size=3)) if length else []
            table = np.array([some, some[::-1]] if kind == "table" else some, np.int64)
            made = {"list": lambda torch, t: t.tolist(), "ndarray": lambda torch, t: t}.get(
                kind, lambda torch, t: torch.tensor(t)
            )
            items.append(lambda torch, made=made, table=table: made(torch, table))
            dim += 1
    single = len(items) == 1 and draw(st.booleans())
    key = (lambda torch: items[0](torch)) if single else (lambda torch: tuple(item(torch) for item in items))
    return shape, key, draw(st.sampled_from(["row after row", "transposed"]))


def prepared(torch: Any, shape: tuple[int, ...], layout: str) -> tuple[Any, Any]:
    """A leaf, and a result of the shape that may be changed."""
    leaf = torch.tensor(elements(shape[::-1] if layout == "transposed" else shape, "drawn", "float32"), requires_grad=True)
    result = leaf * 1
    return leaf, result.permute(tuple(range(len(shape)))[::-1]) if layout == "transposed" else result


@pytest.mark.filterwarnings("ignore::UserWarning")
@settings(max_examples=300, deadline=None)
@given(shapes_and_keys())
def test_any_key_reads_as_in_torch(drawn: Any) -> None:
    shape, key, layout = drawn

    def program(torch: Any) -> Any:
        leaf, x = prepared(torch, shape, layout)
        try:
            part = x[key(torch)]
        except (IndexError, RuntimeError) as error:
            return type(error).__name__
        part.backward(torch.tensor(elements(tuple(part.shape), "gradient", "float32")))
        return {"part": part, "leaf": leaf, "view": part._is_view()}

    report = compare(*both(program))
    assert report, str(report)


@pytest.mark.filterwarnings("ignore::UserWarning")
@settings(max_examples=300, deadline=None)
@given(shapes_and_keys(), st.sampled_from(["number", "0-dim", "part"]))
def test_any_key_writes_as_in_torch(drawn: Any, kind: str) -> None:
    shape, key, layout = drawn
    assume(0 not in shape)  # where nothing is written, torch does not look whether positions are inside; minigrad does

    def program(torch: Any) -> Any:
        leaf, x = prepared(torch, shape, layout)
        value = torch.tensor(2.5, requires_grad=True)
        try:
            if kind == "number":
                x[key(torch)] = 7
            elif kind == "0-dim":
                x[key(torch)] = value
            else:
                x[key(torch)] = x.detach()[key(torch)] * 2 + value
        except (IndexError, RuntimeError) as error:
            return type(error).__name__
        x.backward(torch.tensor(elements(tuple(x.shape), "gradient", "float32")))
        return {"x": x, "leaf": leaf, "value": value, "version": x._version}

    # The gradient of the value is a sum, whose rounding depends on the order of its terms.
    report = compare(*both(program), atol=1e-5)
    assert report, str(report)
