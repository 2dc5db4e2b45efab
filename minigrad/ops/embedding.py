"""Rows of a table by their number.

Mirrors: aten/src/ATen/native/Embedding.cpp, Onehot.cpp
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autograd.grad_mode import no_grad
from ..autograd.in_place import write
from ..autograd.variable import wrap
from ..operator import differentiable, non_differentiable


def without_padding(grad: Any, indices: Any, padding_idx: int) -> Any:
    """The rows that were taken; 0 for the padding."""
    rows = grad.index_select(0, indices.reshape(-1))
    rows = rows.view(*indices.shape, *grad.shape[1:])
    return rows if padding_idx < 0 else rows.masked_fill((indices == padding_idx).unsqueeze(-1), 0)


@differentiable(
    "EmbeddingDenseBackwardBackward0",
    grad_output=without_padding,
    indices=non_differentiable,
)
def embedding_dense_backward(grad_output, indices, num_weights, padding_idx, scale_grad_by_freq):
    """For each row of the table the sum of the gradients of all places where it was taken; 0 for the padding"""
    width = grad_output.shape[indices.ndim :]
    flat, rows = indices.reshape(-1), grad_output.reshape(-1, *width)
    taken = flat != padding_idx
    flat, rows = flat[taken], rows[taken]
    if scale_grad_by_freq:
        rows = rows / np.bincount(flat, minlength=num_weights)[flat].astype(rows.dtype).reshape(-1, *[1] * len(width))
    table = np.zeros((num_weights, *width), grad_output.dtype)
    np.add.at(table, flat, rows)
    return table


@differentiable(
    "EmbeddingBackward0",
    weight=lambda grad, indices, weight_sym_argsize_0, padding_idx, scale_grad_by_freq, sparse: embedding_dense_backward(
        grad, indices, weight_sym_argsize_0, padding_idx, scale_grad_by_freq
    ),
    indices=non_differentiable,
)
def embedding_of(weight, indices, padding_idx, scale_grad_by_freq, sparse):
    """The rows of ``weight`` that ``indices`` name"""
    if indices.dtype not in (np.int64, np.int32):
        raise RuntimeError(f"embedding: indices are int64 or int32, not {indices.dtype.name}; write indices.long()")
    if indices.size and not (indices.min() >= 0 and indices.max() < len(weight)):
        wrong = indices.max() if indices.max() >= len(weight) else indices.min()
        raise IndexError(f"embedding: index {wrong}, but the table has rows 0 to {len(weight) - 1}")
    return weight[indices]


def _shorten_rows(weight: Any, indices: Any, max_norm: float, norm_type: float) -> None:
    """Scale those of the named rows that are longer than ``max_norm`` down to it, in place and without a history."""
    with no_grad():
        table = weight._array.copy()
        rows = np.unique(indices._array)
        lengths = np.linalg.norm(table[rows], norm_type, axis=1, keepdims=True)
        table[rows] *= np.where(lengths > max_norm, max_norm / (lengths + 1e-7), 1).astype(table.dtype)
        write(weight, table, "embedding_renorm_")


def embedding(
    input: Any,
    weight: Any,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Any:
    """The rows of the table ``weight`` that the integers ``input`` name: ``(*) -> (*, width)``.

    The row ``padding_idx`` gets no gradient. ``max_norm`` first shortens longer rows, in place; ``scale_grad_by_freq``
    divides the gradient of a row by how often it was taken. Raises IndexError for a row that does not exist,
    AssertionError for a padding that is none, NotImplementedError for sparse gradients.

    >>> embedding(minigrad.tensor([2, 0]), minigrad.tensor([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]]))
    tensor([[4., 5.],
            [0., 1.]])
    """
    rows = weight._array.shape[0]
    if sparse:
        raise NotImplementedError("embedding: minigrad has no sparse gradients; leave sparse away, the result is the same")
    if padding_idx is not None and not -rows <= padding_idx < rows:
        raise AssertionError(f"embedding: padding_idx={padding_idx}, but the rows are 0 to {rows - 1} (or -{rows} to -1)")
    if max_norm is not None:
        _shorten_rows(weight, input, max_norm, norm_type)
    padding = -1 if padding_idx is None else padding_idx % rows
    return embedding_of(weight, input, padding, scale_grad_by_freq, sparse)


def one_hot(tensor: Any, num_classes: int = -1) -> Any:
    """For each integer a row of zeros with a 1 at that place: ``(*) -> (*, num_classes)``, int64.

    Without ``num_classes`` the largest integer is the last class. Raises RuntimeError for other types and integers outside.

    >>> one_hot(minigrad.tensor([0, 2]))
    tensor([[1, 0, 0],
            [0, 0, 1]])
    """
    index = tensor._array
    if index.dtype != np.int64:
        raise RuntimeError(f"one_hot: classes are of dtype int64, not {index.dtype.name}; write tensor.long()")
    if not index.size and num_classes <= 0:
        raise RuntimeError(f"one_hot of no classes (shape {list(index.shape)}) needs num_classes")
    if index.size and index.min() < 0:
        raise RuntimeError(f"one_hot: class {index.min()} is negative")
    count = int(index.max()) + 1 if num_classes == -1 else num_classes
    if count < 1 or (index.size and index.max() >= count):
        raise RuntimeError(f"one_hot: the largest class is {index.max()}, but num_classes={num_classes}")
    return wrap((index[..., None] == np.arange(count)).astype(np.int64))
