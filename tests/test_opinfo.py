"""PyTorch's own sample calls of its operators: every one of them gives the same under minigrad.

The list (``op_db``) grows by itself: an operator is tested as soon as minigrad has one of its name. For every sample the
values, dtypes, shapes and strides are compared, then the gradients, then the second derivatives.

``pytest -m opinfo`` runs the first samples of each operator, ``pytest -m opinfo --all-samples`` all of them. The last lines
of the run say how many were run, how many are equal, and how many are left out, with the reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import numpy as np
import pytest
import torch

import minigrad

from .opinfo import Converter, NotHere, entries, operator_of

pytestmark = [
    pytest.mark.opinfo,
    pytest.mark.filterwarnings("ignore:.*'mean'.* divides:UserWarning"),  # both engines, of kl_div; see test_warnings
]

FIRST = 4  # samples of each operator and dtype, unless all are asked for


def always(sample: Any) -> bool:
    return True


def starts_inside(sample: Any) -> bool:
    """Whether the memory of the tensor holds more than the tensor."""
    tensor = sample.input
    return bool(tensor.untyped_storage().nbytes() > tensor.numel() * tensor.itemsize)


def needs_singular_values(sample: Any) -> bool:
    """Whether a matrix norm is asked for that is made of singular values."""
    order = sample.kwargs.get("ord", sample.args[0] if sample.args else None)
    lengths = sample.kwargs.get("dim", sample.args[1] if len(sample.args) > 1 else None) or sample.input.shape
    return order == "nuc" or (order in (2, -2) and not isinstance(lengths, int) and len(lengths) == 2)


def in_another_memory_format(sample: Any) -> bool:
    """Whether the first tensor lies in memory with its channels last."""
    return bool(not sample.input[0].is_contiguous() and sample.input[0].is_contiguous(memory_format=torch.channels_last))


# Samples that are left out: the operator ("" for all), what tells the sample, and the reason.
LEFT_OUT: list[tuple[str, Callable[[Any], bool], str]] = [
    ("norm", lambda sample: "nuc" in sample.args, "minigrad has no singular values"),
    ("linalg.matrix_norm", lambda sample: sample.args[:1] in (("nuc",), (2,), (-2,)), "minigrad has no singular values"),
    ("linalg.norm", needs_singular_values, "minigrad has no singular values"),
    ("cat", in_another_memory_format, "minigrad does not have memory_format"),
    *((name, always, f"PyTorch refuses to go back through {name}") for name in ("acosh_", "asinh_", "atanh_")),
    ("as_strided", starts_inside, "as_strided counts from the first element of the tensor, not of its memory"),
    ("as_strided", lambda sample: len(sample.args[0]) > 1, "its second derivative is a view here, and contiguous in torch"),
]

# Two correctly written kernels differ by the rounding of their polynomials (1-4 ulp each, NumPy's and torch's), and a sum by
# that of its terms, relative to the largest. Derivatives are sums of terms about as large as the gradients that they
# begin with, about 1 (tanh' is 1 - tanh**2). So the distance is measured from the element, and from the largest or from 1.
OF_ELEMENT, OF_LARGEST = 32, 8

# Operators whose rounding is magnified: how much more is allowed, and why.
MAGNIFIED: dict[str, tuple[float, str]] = {
    **dict.fromkeys(("empty", "empty_like", "new_empty"), (np.inf, "memory as it comes has no value to compare")),
    "tanh": (4, "1 - tanh**2 cancels near 1, which doubles the rounding of tanh again and again"),
    "nn.functional.tanhshrink": (4, "as tanh"),
    "linalg.vector_norm": (16, "with ord=6 fifth powers of elements and norms are divided by each other"),
    "nn.functional.layer_norm": (16, "a row of one element less its mean is rounding alone, times 1 / sqrt(eps) = 316"),
}


def distance(ours: np.ndarray[Any, Any], theirs: np.ndarray[Any, Any]) -> float:
    """How far apart two arrays are, in units of what is allowed."""
    if ours.dtype.kind != "f":
        return 0.0 if (ours == theirs).all() else np.inf
    finite = np.isfinite(theirs)
    with np.errstate(all="ignore"):
        same = (ours == theirs) | (np.isnan(ours) & np.isnan(theirs))
        largest = np.abs(theirs[finite]).max(initial=1)
        allowed = np.finfo(theirs.dtype).eps * (OF_ELEMENT * np.abs(theirs) + OF_LARGEST * largest)
        far = np.where(same, 0.0, np.where(finite, np.abs(ours - theirs) / allowed, np.inf))
    return float(np.nan_to_num(far, nan=np.inf).max(initial=0))


def differences(where: str, ours: Any, theirs: Any, magnified: float = 1) -> Iterator[str]:
    """What differs between two results."""
    if isinstance(theirs, torch.Tensor):
        if not isinstance(ours, minigrad.Tensor):
            yield f"{where}: a {type(ours).__name__}, not a tensor"
            return
        facts = [("shape", tuple), ("dtype", str), ("requires_grad", bool)]
        for name, plain in facts:
            own, other = plain(getattr(ours, name)), plain(getattr(theirs, name))
            if own != other:
                yield f"{where}: {name} {own}, torch {other}"
                return
        if order(ours) != order(theirs):
            yield f"{where}: strides {ours.stride()}, torch {theirs.stride()}"
        far = distance(ours.detach()._array, theirs.numpy(force=True))
        if far > magnified:
            yield f"{where}: {far:.3g} times further apart than allowed, {ours.tolist()}, torch {theirs.tolist()}"
    elif isinstance(theirs, (list, tuple)):
        if len(ours) != len(theirs):
            yield f"{where}: {len(ours)} results, torch {len(theirs)}"
        for position, (own, other) in enumerate(zip(ours, theirs, strict=False)):
            yield from differences(f"{where}[{position}]", own, other, magnified)
    elif isinstance(theirs, float):
        yield from () if distance(np.asarray(ours), np.asarray(theirs)) <= 1 else [f"{where}: {ours}, torch {theirs}"]
    elif isinstance(theirs, torch.dtype):
        yield from () if str(ours) == str(theirs) else [f"{where}: {ours}, torch {theirs}"]
    elif ours != theirs:
        yield f"{where}: {ours!r}, torch {theirs!r}"


def order(tensor: Any) -> list[int]:
    """The strides of the dimensions in which there are steps to take."""
    if not tensor.numel():
        return []
    return [stride for stride, length in zip(tensor.stride(), tensor.shape, strict=True) if length > 1]


def tensors_in(result: Any, kind: type) -> list[Any]:
    """The tensors among the results that have a gradient."""
    if isinstance(result, (list, tuple)):
        return [tensor for each in result for tensor in tensors_in(each, kind)]
    return [result] if isinstance(result, kind) and result.requires_grad else []


def begin_with(results: list[Any], requires_grad: bool) -> tuple[list[Any], list[Any]]:
    """Gradients to begin with, for both engines."""
    random = np.random.default_rng(0)
    arrays = [np.asarray(random.normal(size=tuple(t.shape))).astype(str(t.dtype).removeprefix("torch.")) for t in results]
    return [minigrad.tensor(a, requires_grad=requires_grad) for a in arrays], [
        torch.tensor(a, requires_grad=requires_grad) for a in arrays
    ]


def compare(info: Any, ours: Callable[..., Any], theirs: Callable[..., Any], sample: Any) -> list[str]:
    """What differs for one sample: between the values, else the gradients, else the second derivatives."""
    convert = Converter()
    magnified = MAGNIFIED.get(info.name, (1.0, ""))[0]
    arguments, keywords = convert([sample.input, *sample.args]), convert(sample.kwargs)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(42)
        their_result = theirs(sample.input, *sample.args, **sample.kwargs)
    minigrad.manual_seed(42)
    result = ours(*arguments, **keywords)
    found = list(differences("value", result, their_result, magnified))
    roots, their_roots = tensors_in(result, minigrad.Tensor), tensors_in(their_result, torch.Tensor)
    leaves, their_leaves = [own for own, _ in convert.leaves()], [other for _, other in convert.leaves()]
    if found or not their_roots or not leaves or not info.supports_autograd:
        return found
    begin, their_begin = begin_with(their_roots, requires_grad=True)
    first, their_first = gradients(roots, leaves, begin, their_roots, their_leaves, their_begin, info.supports_gradgrad)
    found = list(differences("gradient", first, their_first, magnified))
    curved, their_curved = tensors_in(first, minigrad.Tensor), tensors_in(their_first, torch.Tensor)
    if found or not their_curved or not info.supports_gradgrad:
        return found
    weights, their_weights = begin_with(their_curved, requires_grad=False)
    second = gradients(curved, [*leaves, *begin], weights, their_curved, [*their_leaves, *their_begin], their_weights, False)
    return list(differences("second derivative", *second, magnified))


def gradients(
    roots: Any, leaves: Any, begin: Any, their_roots: Any, their_leaves: Any, their_begin: Any, twice: bool
) -> Any:
    """The gradients of both engines."""
    return (
        minigrad.autograd.grad(roots, leaves, begin, create_graph=twice, allow_unused=True),
        torch.autograd.grad(their_roots, their_leaves, their_begin, create_graph=twice, allow_unused=True),
    )


def shown(sample: Any) -> str:
    """A sample as it would be called."""

    def text(value: Any) -> str:
        if isinstance(value, torch.Tensor):
            layout = "" if value.is_contiguous() else f" strides {value.stride()}"
            return f"<{list(value.shape)} {str(value.dtype)[6:]}{layout}>"
        return f"[{', '.join(map(text, value))}]" if isinstance(value, (list, tuple)) else repr(value)

    return ", ".join([*map(text, (sample.input, *sample.args)), *(f"{k}={text(v)}" for k, v in sample.kwargs.items())])


def left_out(name: str, sample: Any) -> str | None:
    """The reason why a sample is left out, if it is."""
    return next((reason for known, applies, reason in LEFT_OUT if known in ("", name) and applies(sample)), None)


def compare_samples(
    info: Any, ours: Callable[..., Any], theirs: Callable[..., Any], samples: Iterator[Any], count: Counter[str], form: str
) -> None:
    """Compare samples one by one, and count them; fails with the first differences found."""
    failures = []
    for sample in samples:
        reason = left_out(info.name + "_" * (form == "in place"), sample)
        if reason is None:
            try:
                found = compare(info, ours, theirs, sample)
            except NotHere as missing:
                reason = f"minigrad does not have {missing}"
            except Exception as error:
                found = [f"{type(error).__name__}: {error}"]
        if reason is not None:
            count[f"left out: {reason}"] += 1
            continue
        count[f"run {form}"] += 1
        count[f"equal {form}"] += not found
        failures += [f"{info.name}({shown(sample)}): {difference}" for difference in found]
    assert not failures, f"{len(failures)} differences:\n" + "\n".join(failures[:5])


def samples_of(info: Any, dtype: torch.dtype, request: pytest.FixtureRequest) -> Iterator[Any]:
    """The published samples of an operator; the first ones, unless the run asks for all."""
    torch.manual_seed(0)
    samples = info.sample_inputs("cpu", dtype, requires_grad=info.supports_autograd)
    return iter(samples) if request.config.getoption("--all-samples") else islice(samples, FIRST)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["float32", "float64"])
@pytest.mark.parametrize("info", [pytest.param(info, id=info.formatted_name) for info in entries()])
def test_functions(info: Any, dtype: torch.dtype, opinfo_count: Counter[str], request: pytest.FixtureRequest) -> None:
    compare_samples(info, operator_of(info), info.op, samples_of(info, dtype, request), opinfo_count, "as functions")


def on_a_result(method: Callable[..., Any]) -> Callable[..., Any]:
    """A method that changes its tensor, applied to a result with the same strides, as no leaf may be changed."""

    def program(tensor: Any, *arguments: Any, **keywords: Any) -> Any:
        return method(tensor.clone(), *arguments, **keywords)

    return program


def methods_of(info: Any) -> Iterator[tuple[Any, Any, str]]:
    """The methods of an entry that minigrad has: as a method, and in place."""
    for theirs, form in ((info.method_variant, "as methods"), (info.inplace_variant, "in place")):
        ours = getattr(minigrad.Tensor, getattr(theirs, "__name__", ""), None)
        if ours is not None:
            yield info, *((ours, theirs) if form == "as methods" else (on_a_result(ours), on_a_result(theirs))), form


METHODS = [
    pytest.param(*method, id=f"{method[0].formatted_name}-{method[3]}") for info in entries() for method in methods_of(info)
]


@pytest.mark.parametrize(("info", "ours", "theirs", "form"), METHODS)
def test_methods(
    info: Any, ours: Any, theirs: Any, form: str, opinfo_count: Counter[str], request: pytest.FixtureRequest
) -> None:
    samples = samples_of(info, torch.float64, request)
    if form == "in place":
        samples = (sample for sample in samples if not sample.broadcasts_input)
    compare_samples(info, ours, theirs, samples, opinfo_count, form)
