"""Whether two engines agree, and if not, on what first: values, gradients, graphs, saved fields, parameters.

Mirrors: torch/testing/_comparison.py
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import torch

import minigrad
from minigrad.study.compare import same_shape
from minigrad.study.protocol import walk

from .device import GPU_ULP
from .ulp import relative_error, ulp_distance


class Finding(NamedTuple):
    """One thing that was compared: a tensor, told by its first element that differs (else by its worst), or a fact."""

    where: str
    ours: Any
    theirs: Any
    agrees: bool
    relative: float = 0.0
    ulp: int = 0

    def __str__(self) -> str:
        text = f"{self.where}: minigrad {self.ours}, torch {self.theirs}"
        return f"{text} (relative error {self.relative:.2g}, {self.ulp} ulp)" if self.relative or self.ulp else text


class Report(NamedTuple):
    """All findings, in the order in which they were made. True if everything agrees."""

    findings: tuple[Finding, ...]

    @property
    def first_difference(self) -> Finding | None:
        """The first finding that does not agree."""
        return next((finding for finding in self.findings if not finding.agrees), None)

    @property
    def worst(self) -> Finding | None:
        """Of all numbers, the one furthest from torch's, in ulp."""
        return max(self.findings, key=lambda finding: finding.ulp, default=None)

    def __bool__(self) -> bool:
        return self.first_difference is None

    def __str__(self) -> str:
        first, worst = self.first_difference, self.worst
        if first is not None:
            return f"differ, first at {first}"
        if worst is None or not worst.ulp:
            return f"agree to the bit in all of {len(self.findings)} comparisons"
        return f"agree in all of {len(self.findings)} comparisons; the furthest is {worst}"


def compare(ours: Any, theirs: Any, *, ulp: int = 0, atol: float = 0.0, where: str = "") -> Report:
    """Compare what one program returned under both engines: tensors, numbers, dicts, lists and modules of them.

    Of a tensor: shape, dtype, elements, ``requires_grad``, ``is_leaf``; of a leaf its ``.grad``; of a result the graph
    behind it. Of a module: each parameter, by name.

    Args:
        ulp: how far apart elements may be, in units in the last place; ``GPU_ULP`` times that if torch's are on a GPU.
        atol: a distance that is accepted however small the element: the rounding of the larger terms it was summed from.

    >>> program = lambda torch: torch.tensor([1.0, 2.0, 3.0], requires_grad=True) * 2
    >>> print(compare(program(minigrad), program(torch)))
    agree to the bit in all of 6 comparisons
    >>> print(compare({"w": minigrad.tensor([1.0, 2.0])}, {"w": torch.tensor([1.0, 2.5])}))
    differ, first at w[1]: minigrad 2.0, torch 2.5 (relative error 0.2, 2097152 ulp)
    """
    return Report(tuple(_findings(where, ours, theirs, ulp, atol)))


def compare_gradients(ours: Mapping[str, Any], theirs: Mapping[str, Any], *, ulp: int = 0, atol: float = 0.0) -> Report:
    """Compare only the ``.grad`` of leaves, given by name: as ``dict(model.named_parameters())``, say."""
    return compare(
        {f"{k}.grad": v.grad for k, v in ours.items()}, {f"{k}.grad": v.grad for k, v in theirs.items()}, ulp=ulp, atol=atol
    )


def compare_graphs(ours: Any, theirs: Any, *, where: str = "") -> Report:
    """Compare the graphs behind two tensors node by node: names, edges, and the leaves at the ends."""
    return Report(tuple(_graph(where, ours, theirs)))


def compare_saved(ours: Any, theirs: Any, *, ulp: int = 0) -> Report:
    """Compare what the nodes of two graphs of the same shape saved: the names of the fields, then the values."""
    found: list[Finding] = []
    for number, (own, other) in enumerate(zip(walk(ours), walk(theirs), strict=True)):
        place = f"node {number} ({own.name()})"
        mine, yours = _saved_fields(own), _saved_fields(other)
        found.append(_fact(f"{place} saved fields", sorted(mine), sorted(yours)))
        for name in sorted(mine.keys() & yours.keys()):
            found += _saved(f"{place}._saved_{name}", mine[name], yours[name], ulp)
    return Report(tuple(found))


def _fact(where: str, ours: Any, theirs: Any) -> Finding:
    return Finding(where, ours, theirs, ours == theirs)


def _is_tensor(value: Any) -> bool:
    return isinstance(value, (minigrad.Tensor, torch.Tensor))


def _findings(where: str, ours: Any, theirs: Any, ulp: int, atol: float) -> Iterator[Finding]:
    if isinstance(ours, (minigrad.nn.Module, torch.nn.Module)):
        ours, theirs = dict(ours.named_parameters()), dict(theirs.named_parameters())
    if _is_tensor(ours) and _is_tensor(theirs):
        yield from _tensor(where, ours, theirs, ulp, atol)
    elif isinstance(ours, Mapping) and isinstance(theirs, Mapping):
        yield _fact(f"{where} names".strip(), list(ours), list(theirs))
        for name in ours:
            if name in theirs:
                yield from _findings(f"{where}.{name}" if where else str(name), ours[name], theirs[name], ulp, atol)
    elif isinstance(ours, (list, tuple)) and isinstance(theirs, (list, tuple)):
        yield _fact(f"{where} length".strip(), len(ours), len(theirs))
        for position, (own, other) in enumerate(zip(ours, theirs, strict=False)):
            yield from _findings(f"{where}[{position}]", own, other, ulp, atol)
    elif isinstance(ours, float) and isinstance(theirs, float):
        yield _elements(where, np.asarray(ours), np.asarray(theirs), ulp, atol)
    elif _is_tensor(ours) or _is_tensor(theirs):
        yield Finding(where or "value", ours, theirs, False)
    else:
        yield _fact(where, ours, theirs)


def _tensor(where: str, ours: Any, theirs: Any, ulp: int, atol: float) -> Iterator[Finding]:
    name = where or "value"
    facts = {fact: (str(get(ours)), str(get(theirs))) for fact, get in _FACTS.items()}
    for fact, (own, other) in facts.items():
        yield _fact(f"{name}.{fact}", own, other)
    if facts["shape"][0] != facts["shape"][1] or facts["dtype"][0] != facts["dtype"][1]:
        return
    yield _numbers(where, ours, theirs, ulp, atol)
    if ours.is_leaf and theirs.is_leaf:
        if ours.requires_grad:
            yield from _findings(f"{name}.grad", ours.grad, theirs.grad, ulp, atol)
    else:
        yield from _graph(name, ours, theirs)


_FACTS = {
    "shape": lambda t: list(t.shape),
    "dtype": lambda t: t.dtype,
    "requires_grad": lambda t: t.requires_grad,
    "is_leaf": lambda t: t.is_leaf,
}


def _array(tensor: Any) -> np.ndarray[Any, Any]:
    return np.asarray(tensor.numpy(force=True))


def _numbers(where: str, ours: Any, theirs: Any, ulp: int, atol: float) -> Finding:
    if theirs.device.type != "cpu":
        ulp, atol = max(ulp, 1) * GPU_ULP, atol * GPU_ULP
    return _elements(where, _array(ours), _array(theirs), ulp, atol)


def _elements(where: str, ours: np.ndarray[Any, Any], theirs: np.ndarray[Any, Any], ulp: int, atol: float) -> Finding:
    """The finding for all elements: the first one that differs, else the one that is furthest off."""
    if ours.dtype.kind != "f":
        distance = relative = (ours != theirs).astype(np.float64)
        wrong = distance > 0
    else:
        distance, relative = ulp_distance(ours, theirs), relative_error(ours, theirs)
        with np.errstate(all="ignore"):
            wrong = (distance > ulp) & ~(np.abs(ours - theirs) <= atol)
    if not ours.size:
        return Finding(where or "value", [], [], True)
    chosen = int(np.argmax(wrong)) if wrong.any() else int(np.argmax(distance))
    at = np.unravel_index(chosen, ours.shape)
    index = f"[{', '.join(str(int(i)) for i in at)}]" if at else ""
    if ours.dtype.kind != "f":
        return Finding(f"{where}{index}", ours[at].item(), theirs[at].item(), not wrong.any())
    return Finding(
        f"{where}{index}" or "value",
        ours[at].item(),
        theirs[at].item(),
        not wrong.any(),
        float(relative[at]),
        int(distance[at]),
    )


def _graph(where: str, ours: Any, theirs: Any) -> Iterator[Finding]:
    nodes, difference, _ = same_shape(ours, theirs)
    prefix = f"{where}." if where else ""
    if difference is None:
        yield Finding(f"{prefix}grad_fn, nodes", nodes, nodes, True)
    else:
        yield Finding(f"{prefix}{difference.path}, {difference.what}", *difference.values, False)


def _saved_fields(node: Any) -> dict[str, Any]:
    return {name.removeprefix("_saved_"): getattr(node, name) for name in sorted(dir(node)) if name.startswith("_saved_")}


def _saved(where: str, ours: Any, theirs: Any, ulp: int) -> Iterable[Finding]:
    if _is_tensor(ours) and _is_tensor(theirs):
        facts = (_fact(f"{where}.{fact}", str(get(ours)), str(get(theirs))) for fact, get in _FACTS.items())
        same_kind = list(ours.shape) == list(theirs.shape) and str(ours.dtype) == str(theirs.dtype)
        return [*facts, *([_numbers(where, ours, theirs, ulp, 0.0)] if same_kind else [])]
    return [_fact(where, _plain(ours), _plain(theirs))]


def _plain(value: Any) -> Any:
    """A saved value that is no tensor, with integers read as 64 bits with a sign: torch shows dimension -1 as 2**64 - 1."""
    if isinstance(value, (list, tuple)):
        return tuple(_plain(item) for item in value)
    if _is_tensor(value) or isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, int) and not isinstance(value, bool):
        return (value + 2**63) % 2**64 - 2**63
    return value
