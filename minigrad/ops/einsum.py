"""Sums of products by the letters of their dimensions.

Mirrors: aten/src/ATen/native/Linear.cpp (einsum, sumproduct_pair)
"""

from __future__ import annotations

import math
from typing import Any

from .diagonal import diagonal
from .linalg import bmm
from .pointwise import mul

# NOTE [Einsum]: every operand gets a dimension for every letter: those of the result first, then those to be summed over, of
# length 1 where the operand does not have the letter. Then two operands at a time are multiplied, and summed over the
# letters that nothing else has: as matrices, so that one `bmm` does the work. No derivative of its own is needed.


def _parse(equation: str, operands: tuple[Any, ...]) -> tuple[list[list[str]], list[str], list[str]]:
    """The letters of each operand, those of the result, and those to be summed over.

    A dimension under ``...`` gets a number for a letter, counted from the right. Raises RuntimeError for an error.
    """
    left, arrow, right = equation.replace(" ", "").partition("->")
    terms = left.split(",")
    if len(terms) != len(operands):
        raise RuntimeError(
            f"einsum {equation!r} has {len(terms)} operand(s) before the arrow, but there are {len(operands)}"
        )
    labels = [_letters(equation, term, operand.dim()) for term, operand in zip(terms, operands, strict=True)]
    used = [label for term in labels for label in term]
    hidden = sorted({label for label in used if label.isdigit()}, key=int, reverse=True)
    if arrow:
        before, dots, after = right.partition("...")
        result = [*before, *(hidden if dots else []), *after]
    else:
        result = [*hidden, *sorted(label for label in set(used) if label.isalpha() and used.count(label) == 1)]
    for label in result:
        if label not in used or result.count(label) > 1:
            raise RuntimeError(f"einsum {equation!r}: {label!r} must stand once in the result, and in an operand")
    return labels, result, sorted(set(used) - set(result), key=lambda label: (label.islower(), label))


def _letters(equation: str, term: str, ndim: int) -> list[str]:
    before, dots, after = term.partition("...")
    if not (before + after).isalpha() and before + after:
        raise RuntimeError(f"einsum {equation!r}: dimensions are named by letters, which {term!r} is not made of")
    hidden = ndim - len(before) - len(after)
    if hidden < 0 or (hidden and not dots):
        raise RuntimeError(f"einsum {equation!r}: {term!r} has {len(before) + len(after)} letters for {ndim} dimension(s)")
    return [*before, *[str(n) for n in range(hidden)][::-1], *after]


def _aligned(operand: Any, labels: list[str], order: list[str]) -> Any:
    """The operand with a dimension for every letter, in their order; of a letter that it has twice, the diagonal."""
    labels = list(labels)
    for label in dict.fromkeys(labels):
        while labels.count(label) > 1:
            first = labels.index(label)
            second = labels.index(label, first + 1)
            if operand.shape[first] != operand.shape[second]:
                raise RuntimeError(f"einsum: {label!r} has lengths {operand.shape[first]} and {operand.shape[second]}")
            operand = diagonal(operand, 0, first, second).movedim(-1, first)
            del labels[second]
    for label in order:
        if label not in labels:
            operand = operand.unsqueeze(operand.dim())
            labels.append(label)
    return operand.permute([labels.index(label) for label in order])


def _sum_of_products(left: Any, right: Any, dims: list[int]) -> Any:
    """The product summed over ``dims``, which keep length 1: as a batch of products of matrices."""
    groups: dict[str, list[int]] = {"both": [], "left": [], "right": []}
    for dim in range(left.dim()):
        if dim not in dims:
            mine, other = left.shape[dim] != 1, right.shape[dim] != 1
            groups["both" if mine and other else "left" if mine else "right"].append(dim)
    both, alone, others = groups.values()
    longer = [dim for dim in others if right.shape[dim] != 1]
    if alone and longer and longer[0] < alone[0]:  # so that the result has its dimensions in order
        left, right, alone, others = right, left, others, alone
    lengths = [left.shape[dim] for dim in both + alone] + [1] * len(dims) + [right.shape[dim] for dim in others]
    batch = math.prod(left.shape[dim] for dim in both)
    rows, inner = math.prod(left.shape[dim] for dim in alone), math.prod(left.shape[dim] for dim in dims)
    columns = math.prod(right.shape[dim] for dim in others)
    left = left.permute(both + alone + dims + others).reshape(batch, rows, inner)
    right = right.permute(both + dims + others + alone).reshape(batch, inner, columns)
    product = bmm(left, right).view(lengths)
    order = both + alone + dims + others
    return product.permute([order.index(dim) for dim in range(len(order))])


def einsum(equation: str, *operands: Any) -> Any:
    """The sum of products of the operands, by the letters of their dimensions.

    Letters that do not stand behind the arrow are summed over; without an arrow, those that stand twice are. ``...`` stands
    for the other dimensions, which broadcast. Raises RuntimeError for an equation or for lengths that do not fit.

    >>> a = minigrad.tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> minigrad.einsum("ij,jk->ik", a, a)
    tensor([[ 7., 10.],
            [15., 22.]])
    """
    if len(operands) == 1 and isinstance(operands[0], (list, tuple)):
        operands = tuple(operands[0])
    if not operands:
        raise ValueError("einsum needs at least one operand")
    labels, result, summed = _parse(equation, operands)
    order = result + summed
    aligned = [_aligned(operand, own, order) for operand, own in zip(operands, labels, strict=True)]
    for dim, label in enumerate(order):
        lengths = {operand.shape[dim] for operand in aligned} - {1}
        if len(lengths) > 1:
            raise RuntimeError(f"einsum {equation!r}: {label!r} stands for dimensions of lengths {sorted(lengths)}")
    to_sum = range(len(result), len(order))
    if len(aligned) == 1:
        return aligned[0].sum(tuple(to_sum)) if summed else aligned[0]
    having = {dim: sum(operand.shape[dim] != 1 for operand in aligned) for dim in to_sum}
    product = aligned[0]
    for operand in aligned[1:]:
        contracted: list[int] = []
        of_product: list[int] = []
        of_operand: list[int] = []
        for dim in to_sum:
            mine, other = product.shape[dim] != 1, operand.shape[dim] != 1
            if mine and other:
                having[dim] -= 1
                if having[dim] == 1:
                    contracted.append(dim)
            elif having[dim] == 1 and (mine or other):
                (of_product if mine else of_operand).append(dim)
        product = product.sum(of_product, keepdim=True) if of_product else product
        operand = operand.sum(of_operand, keepdim=True) if of_operand else operand
        product = _sum_of_products(product, operand, contracted) if contracted else mul(product, operand)
    return product.view(product.shape[: len(result)]) if summed else product
