"""Losses of classification: how improbable the right class is, and how far two distributions are apart.

Mirrors: aten/src/ATen/native/LossNLL.cpp, LossNLL2d.cpp, Loss.cpp (kl_div), torch/nn/functional.py
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from ..autograd.variable import wrap
from ..dtypes import promote, to_floating, widened_type
from ..operator import differentiable, non_differentiable
from .loss import apply_reduction, chosen_reduction, reduction_number
from .pointwise import mul, scale, sub, unscale
from .reduction import sum
from .shape import reshape
from .softmax import log_softmax

# --- negative log likelihood --------------------------------------------------------------------------------------------


_OF_CLASSES = np.dtype(np.int64), np.dtype(np.uint8)


def _check(self: Any, target: Any, weight: Any) -> None:
    """Raise what PyTorch raises for targets and weights that fit no prediction."""
    if target.dtype not in _OF_CLASSES:
        raise RuntimeError(f"nll_loss: a target is a class, of dtype int64, not {target.dtype.name}; write target.long()")
    wanted = () if self.ndim == 1 else (self.shape[0], *self.shape[2:])
    if target.shape != wanted and not (self.ndim == 1 and target.shape == (1,)):
        raise _unfitting(self.shape, target.shape, wanted)
    classes = self.shape[min(self.ndim - 1, 1)]
    if weight is not None and (weight.shape != (classes,) or weight.dtype != self.dtype):
        raise RuntimeError(
            f"nll_loss: weight must have a weight for each of the {classes} classes, in {self.dtype.name}; it has shape "
            f"{list(weight.shape)} and dtype {weight.dtype.name}"
        )


def _unfitting(shape: tuple[int, ...], given: tuple[int, ...], wanted: tuple[int, ...]) -> RuntimeError:
    return RuntimeError(
        f"nll_loss: predictions of shape {list(shape)} need targets of shape {list(wanted)}, not {list(given)}"
    )


def _classes(self: Any, target: Any, ignore_index: int) -> tuple[Any, Any]:
    """Which targets count, and their classes; 0 for those that do not."""
    target = target.reshape(()) if self.ndim == 1 else target
    counts = target != ignore_index
    return counts, target * counts


def _places(classes: Any) -> tuple[Any, ...]:
    """The index that takes from predictions ``(n, classes, ...)``, or ``(classes,)``, those of the target classes."""
    positions = [np.arange(length) for length in classes.shape]
    if len(positions) < 2:
        return (*positions, classes)
    rows, *rest = np.ix_(*positions)
    return (rows, classes, *rest)


def _nll(node_name: str) -> Any:
    """The operator: once for rows ``(n, classes)``, once for pictures ``(n, classes, height, width)``."""

    @differentiable(
        f"{node_name}BackwardBackward0",
        grad_output=lambda grad, target, weight, reduction, ignore_index: nll_loss_forward(
            grad, target, weight, reduction, ignore_index
        )[0],
        self=lambda grad: grad.zeros_like(),
        target=non_differentiable,
        weight=non_differentiable,
        total_weight=non_differentiable,
    )
    def nll_loss_backward(grad_output, self, target, weight, reduction, ignore_index, total_weight):
        """``-weight[target] * grad_output`` at the class of each target, 0 at all others"""
        counts, classes = _classes(self, target, ignore_index)
        share = -grad_output if weight is None else -weight[classes] * grad_output
        if reduction == 1:
            share = share / total_weight
        grad = np.zeros(self.shape, self.dtype)
        grad[_places(classes)] = np.where(counts, share, 0)
        return grad

    @differentiable(
        f"{node_name}Backward0",
        self=lambda grad, self, target, weight, reduction, ignore_index, total_weight: nll_loss_backward(
            grad, self, target, weight, reduction, ignore_index, total_weight
        ),
        target=non_differentiable,
        weight=non_differentiable,
        total_weight=non_differentiable,
        outputs=("output", "total_weight"),
    )
    def nll_loss_forward(self, target, weight, reduction, ignore_index):
        """``-weight[target] * self[target]`` for each row, reduced; the mean is divided by the sum of the weights"""
        _check(self, target, weight)
        counts, classes = _classes(self, target, ignore_index)
        last = self.shape[min(self.ndim - 1, 1)] - 1
        wrong = classes.astype(np.uint64) > last  # -1 is the largest of them
        if np.count_nonzero(wrong):
            raise IndexError(f"nll_loss: target {classes[wrong].flat[0]} is no class; there are {last + 1}, 0 to {last}")
        weights = None if weight is None else weight[classes]
        losses = -self[_places(classes)] if weights is None else -self[_places(classes)] * weights
        losses = np.where(counts, losses, 0)
        if reduction == 0:
            return losses, np.zeros((), self.dtype)
        wide = widened_type(self.dtype)
        total = np.add.reduce(losses, None, wide)
        total_weight = np.count_nonzero(counts) if weights is None else np.add.reduce(weights * counts, None, wide)
        loss = total if reduction == 2 else total / total_weight
        return np.asarray(loss, self.dtype), np.asarray(total_weight, self.dtype)

    return nll_loss_forward


nll_loss_forward, nll_loss2d_forward = _nll("NllLoss"), _nll("NllLoss2D")


def _nll_loss_nd(input: Any, target: Any, weight: Any, reduction: int, ignore_index: int) -> Any:
    """The loss for predictions of any rank: other dimensions than rows and classes are laid out as a picture of one row."""
    shape = input._array.shape
    if not shape:
        raise ValueError("nll_loss needs predictions (classes,), (n, classes) or (n, classes, ...), not a single number")
    if len(shape) == 2 and target.dim() and len(target) != shape[0]:
        raise ValueError(f"nll_loss: {shape[0]} prediction(s) (shape {list(shape)}), but {len(target)} target(s)")
    if len(shape) <= 2:
        return nll_loss_forward(input, target, weight, reduction, ignore_index)[0]
    if len(shape) == 4:
        return nll_loss2d_forward(input, target, weight, reduction, ignore_index)[0]
    if target._array.shape != (shape[0], *shape[2:]):
        raise _unfitting(shape, target._array.shape, (shape[0], *shape[2:]))
    rest = int(np.prod(shape[2:]))
    row = input.contiguous().view(shape[0], shape[1], 1, rest)
    losses = nll_loss2d_forward(row, reshape(target, shape[0], 1, rest), weight, reduction, ignore_index)[0]
    return losses.view(target._array.shape) if reduction == 0 else losses


def nll_loss(
    input: Any,
    target: Any,
    weight: Any = None,
    size_average: Any = None,
    ignore_index: int = -100,
    reduce: Any = None,
    reduction: str = "mean",
) -> Any:
    """The negative log probability of the right class: ``-input[i, target[i]]``, reduced.

    ``input`` has log probabilities ``(n, classes, ...)`` or ``(classes,)``, ``target`` classes ``(n, ...)``. ``weight`` has
    a weight for each class; the mean is then weighted. Targets equal to ``ignore_index`` do not count. Raises IndexError for
    a target that is no class, RuntimeError or ValueError for shapes and types that do not fit.

    >>> nll_loss(minigrad.tensor([[-0.5, -1.0], [-2.0, -0.25]]), minigrad.tensor([0, 1]))
    tensor(0.3750)
    """
    number = reduction_number(chosen_reduction(size_average, reduce, reduction))
    return _nll_loss_nd(input, target, weight, number, ignore_index)


# --- cross entropy ------------------------------------------------------------------------------------------------------


def _by_class(weight: Any, ndim: int, class_dim: int) -> Any:
    """The weights of the classes as they stand beside predictions."""
    return weight.view([-1 if dim == class_dim else 1 for dim in range(ndim)])


def _cross_entropy_of_probabilities(input: Any, target: Any, weight: Any, reduction: int, label_smoothing: float) -> Any:
    class_dim = min(1, input.dim() - 1)
    shape = input._array.shape
    classes = shape[class_dim]
    if weight is not None and weight._array.shape != (classes,):
        raise RuntimeError(f"cross_entropy: weight has shape {list(weight._array.shape)}, but there are {classes} classes")
    logarithms = log_softmax(input, class_dim)
    if label_smoothing > 0:
        target = scale(target, 1 - label_smoothing) + label_smoothing / classes
    terms = mul(logarithms, target)
    if weight is not None:
        terms = mul(terms, _by_class(weight, len(shape), class_dim))
    if reduction == 0:
        return -sum(terms, class_dim)
    total = -sum(terms)
    return total if reduction == 2 else unscale(total, input._array.size // max(classes, 1))


def _cross_entropy_smoothed(
    input: Any, target: Any, weight: Any, reduction: int, ignore_index: int, label_smoothing: float
) -> Any:
    class_dim = min(1, input.dim() - 1)
    classes = input._array.shape[class_dim]
    logarithms = log_softmax(input, class_dim)
    loss = _nll_loss_nd(logarithms, target, weight, reduction, ignore_index)
    weighted = logarithms if weight is None else mul(logarithms, _by_class(weight, input.dim(), class_dim))
    ignored = target == ignore_index
    smooth = (-sum(weighted, class_dim)).masked_fill(ignored, 0)
    if reduction == 1:
        counts = ~ignored._array
        count = counts.sum() if weight is None else weight._array[np.where(counts, target._array, 0)][counts].sum()
        smooth = sum(smooth) / wrap(np.asarray(count))
    elif reduction == 2:
        smooth = sum(smooth)
    smooth = scale(smooth, label_smoothing / classes)
    return scale(loss, 1 - label_smoothing) + smooth


def cross_entropy(
    input: Any,
    target: Any,
    weight: Any = None,
    size_average: Any = None,
    ignore_index: int = -100,
    reduce: Any = None,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Any:
    """The negative log of the probability that ``softmax(input)`` gives to the right class, reduced.

    ``input`` has scores ``(n, classes, ...)`` or ``(classes,)``. ``target`` has classes ``(n, ...)``, or probabilities
    in the shape of ``input``. ``label_smoothing`` mixes the targets with equal probabilities of all classes. ``weight``,
    ``ignore_index`` and errors as for ``nll_loss``.

    >>> cross_entropy(minigrad.tensor([[0.0, 0.0]]), minigrad.tensor([1]))
    tensor(0.6931)
    """
    number = reduction_number(chosen_reduction(size_average, reduce, reduction))
    if not 0 <= label_smoothing <= 1:
        raise RuntimeError(f"cross_entropy: label_smoothing={label_smoothing}; a share lies between 0 and 1")
    if input._array.shape == target._array.shape:
        if target._array.dtype.kind != "f":
            raise RuntimeError(
                f"cross_entropy: a target in the shape of the input has probabilities, which are floating, not "
                f"{target._array.dtype.name}. For classes leave the dimension of the classes away."
            )
        if ignore_index >= 0:
            raise RuntimeError(f"cross_entropy: ignore_index={ignore_index} names a class, but the target has probabilities")
        return _cross_entropy_of_probabilities(input, target, weight, number, label_smoothing)
    if label_smoothing > 0:
        return _cross_entropy_smoothed(input, target, weight, number, ignore_index, label_smoothing)
    return _nll_loss_nd(log_softmax(input, min(1, input.dim() - 1)), target, weight, number, ignore_index)


# --- divergence of two distributions ------------------------------------------------------------------------------------


def xlogy_backward_self(grad: Any, self: Any, other: Any) -> Any:
    """``grad * log(other)``, and 0 where ``self`` is 0 and ``other`` has no logarithm"""
    return xlogy(grad, other).masked_fill((self == 0) & (other <= 0), 0)


@differentiable("XlogyBackward0", self=xlogy_backward_self, other=lambda grad, self, other: grad * self / other)
def xlogy(self, other):
    """``self * log(other)``, and 0 where ``self`` is 0, whatever the logarithm; nan where ``other`` is nan.

    >>> xlogy(minigrad.tensor([0.0, 2.0]), minigrad.tensor([0.0, 1.0]))
    tensor([0., 0.])
    """
    self, other = (to_floating(np.asarray(operand)) for operand in promote(self, other))
    product = self * np.log(other)
    return np.where((self == 0) & (other == other), product.dtype.type(0), product)


def kl_div(
    input: Any, target: Any, size_average: Any = None, reduce: Any = None, reduction: str = "mean", log_target: bool = False
) -> Any:
    """How far ``target`` diverges from the distribution with logarithms ``input``: ``target * (log(target) - input)``.

    With ``log_target`` the target has logarithms too. ``reduction="batchmean"`` divides the sum by the number of rows, which
    is the divergence as it is defined; "mean" divides by the number of elements, and warns.

    >>> half = minigrad.tensor([[0.5, 0.5]])
    >>> kl_div(half.log(), half, reduction="batchmean")
    tensor(0.)
    """
    reduction = chosen_reduction(size_average, reduce, reduction)
    if reduction == "mean":
        warnings.warn(
            "kl_div with reduction='mean' divides by the number of elements; the divergence is what 'batchmean' gives",
            UserWarning,
            stacklevel=2,
        )
    number = 2 if reduction == "batchmean" else reduction_number(reduction)
    if log_target:
        difference = sub(target, input)
        losses = mul(target.exp(), difference)
    else:
        expected = mul(target, input)
        losses = sub(xlogy(target, target), expected)
    total = apply_reduction(losses, number)
    return total / input._array.shape[0] if reduction == "batchmean" and input.dim() else total
