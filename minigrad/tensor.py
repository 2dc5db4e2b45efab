"""The Tensor: the table of its methods. What a method does stands with the operator of the same name, in ``ops``.

Mirrors: torch/_tensor.py, tools/autograd/templates/python_variable_methods.cpp
"""

from __future__ import annotations

import builtins
import copy
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from . import autograd
from .autograd.grad_mode import mode
from .autograd.variable import TensorBase, register_tensor_class, wrap
from .device import check_device, cpu
from .dtypes import FROM_NUMPY, Size, get_default_dtype
from .dtypes import dtype as DType
from .ops import (
    activation,
    bounding,
    casting,
    choosing,
    comparing,
    creation,
    drawing,
    elementary,
    extremes,
    filling,
    gathering,
    indexing,
    integer,
    joining,
    legacy,
    likelihood,
    linalg,
    masking,
    ordering,
    pointwise,
    powers,
    reduction,
    rounding,
    scan,
    spread,
    strided,
    trigonometry,
)
from .ops import diagonal as diagonals
from .ops import norm as norms
from .ops import shape as shaping
from .ops import softmax as softmaxes
from .printing import tensor_text
from .signs import OPERANDS, sign


class Tensor(TensorBase):
    """A NumPy array that remembers how it was computed, so that gradients can find their way back.

    ``Tensor(data)`` always gives the default floating type; ``minigrad.tensor(data)`` keeps the type of the data.
    """

    def __new__(cls, *data: Any, device: Any = None) -> Tensor:
        check_device(device)
        made: Tensor = legacy.legacy_tensor(data, get_default_dtype())
        return made

    # --- what it is -----------------------------------------------------------------------------------------------------

    device = cpu
    is_cpu, is_cuda = True, False
    layout = "torch.strided"

    @property
    def shape(self) -> Size:
        """The length of each dimension."""
        return Size(self._array.shape)

    def size(self, dim: builtins.int | None = None) -> Any:
        """The shape, or the length of one dimension."""
        return Size(self._array.shape) if dim is None else self._array.shape[dim]

    @property
    def dtype(self) -> DType:
        """The type of the elements."""
        return FROM_NUMPY[self._array.dtype]

    @property
    def ndim(self) -> builtins.int:
        """The number of dimensions."""
        return self._array.ndim

    def dim(self) -> builtins.int:
        """The number of dimensions."""
        return self._array.ndim

    def numel(self) -> builtins.int:
        """The number of elements."""
        return self._array.size

    nelement = numel

    @property
    def itemsize(self) -> builtins.int:
        """The number of bytes of one element."""
        return self._array.itemsize

    def element_size(self) -> builtins.int:
        """The number of bytes of one element."""
        return self._array.itemsize

    @property
    def nbytes(self) -> builtins.int:
        """The number of bytes of all elements."""
        return self._array.nbytes

    def stride(self, dim: builtins.int | None = None) -> Any:
        """How many elements of memory lie between neighbours, for each dimension or for one."""
        steps = tuple(step // self._array.itemsize for step in self._array.strides)
        return steps if dim is None else steps[dim]

    def is_contiguous(self) -> builtins.bool:
        """Whether the elements lie in memory row after row, without gaps."""
        return self._array.flags.c_contiguous

    def data_ptr(self) -> builtins.int:
        """The address of the first element."""
        return int(self._array.ctypes.data)

    is_floating_point = casting.is_floating_point

    def is_complex(self) -> builtins.bool:
        """False: there are no complex tensors here."""
        return False

    def is_signed(self) -> builtins.bool:
        """Whether elements can be negative."""
        return self.dtype.is_signed

    def get_device(self) -> builtins.int:
        """-1: the CPU."""
        return -1

    def _is_view(self) -> builtins.bool:
        return self._base is not None

    # --- differentiation ------------------------------------------------------------------------------------------------

    def backward(
        self,
        gradient: Tensor | None = None,
        retain_graph: builtins.bool | None = None,
        create_graph: builtins.bool = False,
        inputs: Tensor | Sequence[Tensor] | None = None,
    ) -> None:
        """Add the gradient of this tensor into the ``.grad`` of the leaves that it was computed from.

        Args:
            gradient: a tensor of this shape to begin with; may be left out for a single number, where it is 1.
            retain_graph: keep what the graph saved, for another pass.
            create_graph: record this pass too, so that the gradients can be differentiated again.
            inputs: accumulate into these tensors only.

        Raises:
            RuntimeError: nothing to go back through, a shape that does not match, freed or changed saved tensors.

        >>> import minigrad
        >>> x = minigrad.tensor(3.0, requires_grad=True)
        >>> (x * x).backward()
        >>> x.grad
        tensor(6.)
        """
        gradients = gradient if gradient is None or isinstance(gradient, (list, tuple)) else (gradient,)
        autograd.backward(self, gradients, retain_graph, create_graph, inputs=inputs)

    # --- elements as Python and NumPy see them --------------------------------------------------------------------------

    def item(self) -> Any:
        """The one element as a Python number. Raises RuntimeError if there are more, or none."""
        if self._array.size != 1:
            raise RuntimeError(
                f"item() needs a tensor of one element; this one has shape {list(self._array.shape)}. Use tolist()"
            )
        return self._array.item()

    def tolist(self) -> Any:
        """Nested lists of Python numbers; a number for a 0-dim tensor."""
        return self._array.tolist()

    def numpy(self, *, force: builtins.bool = False) -> np.ndarray[Any, Any]:
        """The array itself: a change of one is seen in the other.

        Raises RuntimeError for a tensor that requires grad, where the graph is recorded.
        """
        if self.requires_grad and mode.enabled and not force:
            raise RuntimeError(
                "numpy() of a tensor that requires grad: changes of the array could not be followed by the graph. Use "
                "x.detach().numpy()."
            )
        return self._array

    def __array__(self, dtype: Any = None, copy: builtins.bool | None = None) -> np.ndarray[Any, Any]:
        array = self.numpy()
        return np.array(array, dtype, copy=copy)

    def __array_wrap__(self, array: np.ndarray[Any, Any], context: Any = None, return_scalar: builtins.bool = False) -> Any:
        """The result of a function of NumPy as a tensor; PyTorch makes uint8 of truth values, and so do we."""
        return wrap(array.astype(np.uint8) if array.dtype == bool else array)

    __array_priority__ = 1000  # an ndarray on the left leaves the operation to the tensor, see NOTE [A foreign operand]

    def __bool__(self) -> builtins.bool:
        if self._array.size != 1:
            raise RuntimeError(
                f"a tensor of shape {list(self._array.shape)} is neither true nor false; ask for (x > 0).any() or .all()"
            )
        return bool(self._array.item())

    def is_nonzero(self) -> builtins.bool:
        """Whether the one element is not 0."""
        return self.__bool__()

    def _number(self) -> Any:
        if self._array.size != 1:
            raise ValueError(
                f"only a tensor of one element is a Python number; this one has shape {list(self._array.shape)}"
            )
        return self._array.item()

    def __float__(self) -> builtins.float:
        return float(self._number())

    def __int__(self) -> builtins.int:
        return int(self._number())

    def __complex__(self) -> complex:
        return complex(self._number())

    def __index__(self) -> builtins.int:
        if self._array.dtype.kind == "f" or self._array.size != 1:
            raise TypeError(
                f"only a tensor of one integer can be an index; this tensor has shape {list(self._array.shape)} and dtype "
                f"{self._array.dtype.name}"
            )
        return int(self._array.item())

    def __len__(self) -> builtins.int:
        if not self._array.ndim:
            raise TypeError("len() of a 0-dim tensor: it is a single number")
        return len(self._array)

    def __iter__(self) -> Iterator[Any]:
        if not self._array.ndim:
            raise TypeError("a 0-dim tensor is a single number and cannot be iterated over")
        return iter(joining.unbind(self, 0))

    def __reversed__(self) -> Any:
        """The parts along the first dimension, in the opposite order."""
        return joining.flip(self, (0,)) if self._array.ndim else self

    def __contains__(self, element: Any) -> builtins.bool:
        if not isinstance(element, (TensorBase, builtins.float, builtins.int)):
            raise RuntimeError(f"`in` looks for a number or a tensor, and not for {element!r} ({type(element).__name__})")
        return bool(choosing.eq(self, element)._array.any())

    def __format__(self, spec: str) -> str:
        return format(self._array.item(), spec) if not self._array.ndim else object.__format__(self, spec)

    # --- copies ---------------------------------------------------------------------------------------------------------

    def __reduce_ex__(self, protocol: Any) -> Any:
        """How ``pickle`` and ``copy.copy`` see a tensor: values and ``requires_grad``, without gradient and history."""
        return _rebuilt, (type(self), self._array, self.requires_grad), self._attributes()

    def _attributes(self) -> dict[str, Any]:
        """What the user has set on this tensor, such as ``x.name``."""
        return {name: value for name, value in self.__dict__.items() if not hasattr(TensorBase, name)}

    def __deepcopy__(self, memo: dict[builtins.int, Any]) -> Any:
        """A copy with a copy of its gradient. RuntimeError for a tensor that is no leaf: its history cannot be copied."""
        if not self.is_leaf:
            raise RuntimeError(
                f"deepcopy of a tensor that is no leaf (made by {type(self.grad_fn).__name__}): its graph cannot be copied. "
                f"Use y.detach().clone() for the values."
            )
        copied = _rebuilt(type(self), self._array.copy(order="K"), self.requires_grad)
        memo[id(self)] = copied
        copied._grad = copy.deepcopy(self._grad, memo)
        copied.__dict__.update(copy.deepcopy(self._attributes(), memo))
        return copied

    def __repr__(self) -> str:
        return tensor_text(
            self._array,
            default_dtype=get_default_dtype().numpy,
            requires_grad=self.requires_grad,
            grad_fn=None if self.grad_fn is None else type(self.grad_fn).__name__,
        )

    # --- operators ------------------------------------------------------------------------------------------------------

    __add__ = __radd__ = sign(pointwise.add, "+")
    __sub__, __rsub__ = sign(pointwise.sub, "-"), sign(pointwise.rsub, "-")
    __mul__ = __rmul__ = sign(pointwise.mul, "*")
    __truediv__ = sign(pointwise.div, "/")
    __rtruediv__ = pointwise.rdiv
    __floordiv__, __rfloordiv__ = sign(rounding.floor_divide, "//"), sign(rounding.rfloor_divide, "//")
    __mod__, __rmod__ = sign(rounding.remainder, "%"), sign(rounding.rremainder, "%")
    __pow__, __rpow__ = sign(powers.pow, "**"), sign(powers.rpow, "**")
    __matmul__ = sign(linalg.matmul, "@", (TensorBase,))
    __eq__ = sign(choosing.eq, "==", (*OPERANDS, np.ndarray))
    __ne__ = sign(choosing.ne, "!=")
    __lt__, __le__ = sign(choosing.lt, "<"), sign(choosing.le, "<=")
    __gt__, __ge__ = sign(choosing.gt, ">"), sign(choosing.ge, ">=")
    __and__ = __rand__ = sign(integer.bitwise_and, "&")
    __or__ = __ror__ = sign(integer.bitwise_or, "|")
    __xor__ = __rxor__ = sign(integer.bitwise_xor, "^")
    __lshift__, __rlshift__ = (
        sign(integer.bitwise_left_shift, "<<"), sign(integer.reflected(integer.bitwise_left_shift), "<<"),
    )  # fmt: skip
    __rshift__, __rrshift__ = (
        sign(integer.bitwise_right_shift, ">>"), sign(integer.reflected(integer.bitwise_right_shift), ">>"),
    )  # fmt: skip
    __neg__, __abs__, __invert__ = pointwise.neg, elementary.abs, integer.bitwise_not
    __iadd__, __isub__ = sign(pointwise.add_, "+="), sign(pointwise.sub_, "-=")
    __imul__, __itruediv__ = sign(pointwise.mul_, "*="), sign(pointwise.div_, "/=")
    __ifloordiv__, __imod__ = sign(rounding.floor_divide_, "//="), sign(rounding.remainder_, "%=")
    __ipow__ = sign(powers.pow_, "**=")
    __iand__, __ior__, __ixor__ = (
        sign(integer.bitwise_and_, "&="), sign(integer.bitwise_or_, "|="), sign(integer.bitwise_xor_, "^="),
    )  # fmt: skip
    __ilshift__, __irshift__ = sign(integer.bitwise_left_shift_, "<<="), sign(integer.bitwise_right_shift_, ">>=")

    def __pos__(self) -> Any:
        if self._array.dtype.kind == "b":
            raise RuntimeError("+ of a bool tensor: a truth value has no sign")
        return self

    __getitem__, __setitem__ = indexing.getitem, indexing.setitem
    __hash__ = TensorBase.__hash__

    add, sub, mul, neg, reciprocal, lerp, addcmul, addcdiv = (
        pointwise.add, pointwise.sub, pointwise.mul, pointwise.neg, pointwise.reciprocal, pointwise.lerp,
        pointwise.addcmul, pointwise.addcdiv,
    )  # fmt: skip
    add_, sub_, mul_, neg_, reciprocal_, lerp_, addcmul_, addcdiv_ = (
        pointwise.add_, pointwise.sub_, pointwise.mul_, pointwise.neg_, pointwise.reciprocal_, pointwise.lerp_,
        pointwise.addcmul_, pointwise.addcdiv_,
    )  # fmt: skip
    pow, pow_, square, square_ = powers.pow, powers.pow_, powers.square, powers.square_
    div, floor_divide, remainder, fmod, floor, ceil, round, trunc, frac = (
        rounding.div, rounding.floor_divide, rounding.remainder, rounding.fmod, rounding.floor, rounding.ceil,
        rounding.round, rounding.trunc, rounding.frac,
    )  # fmt: skip
    div_, floor_divide_, remainder_, fmod_, floor_, ceil_, round_, trunc_, frac_ = (
        rounding.div_, rounding.floor_divide_, rounding.remainder_, rounding.fmod_, rounding.floor_, rounding.ceil_,
        rounding.round_, rounding.trunc_, rounding.frac_,
    )  # fmt: skip
    abs, sgn, sign, sqrt, rsqrt, exp, exp2, expm1, log, log2, log10, log1p, erf, sigmoid, logit = (
        elementary.abs, elementary.sgn, elementary.sign, elementary.sqrt, elementary.rsqrt, elementary.exp,
        elementary.exp2, elementary.expm1, elementary.log, elementary.log2, elementary.log10, elementary.log1p,
        elementary.erf, elementary.sigmoid, elementary.logit,
    )  # fmt: skip
    abs_, sgn_, sign_, sqrt_, rsqrt_, exp_, exp2_, expm1_, log_, log2_, log10_, log1p_, erf_, sigmoid_, logit_ = (
        elementary.abs_, elementary.sgn_, elementary.sign_, elementary.sqrt_, elementary.rsqrt_, elementary.exp_,
        elementary.exp2_, elementary.expm1_, elementary.log_, elementary.log2_, elementary.log10_, elementary.log1p_,
        elementary.erf_, elementary.sigmoid_, elementary.logit_,
    )  # fmt: skip
    sin, cos, tan, asin, acos, atan, sinh, cosh, tanh, asinh, acosh, atanh, atan2, hypot = (
        trigonometry.sin, trigonometry.cos, trigonometry.tan, trigonometry.asin, trigonometry.acos, trigonometry.atan,
        trigonometry.sinh, trigonometry.cosh, trigonometry.tanh, trigonometry.asinh, trigonometry.acosh,
        trigonometry.atanh, trigonometry.atan2, trigonometry.hypot,
    )  # fmt: skip
    sin_, cos_, tan_, asin_, acos_, atan_, sinh_, cosh_, tanh_, asinh_, acosh_, atanh_, atan2_, hypot_ = (
        trigonometry.sin_, trigonometry.cos_, trigonometry.tan_, trigonometry.asin_, trigonometry.acos_,
        trigonometry.atan_, trigonometry.sinh_, trigonometry.cosh_, trigonometry.tanh_, trigonometry.asinh_,
        trigonometry.acosh_, trigonometry.atanh_, trigonometry.atan2_, trigonometry.hypot_,
    )  # fmt: skip
    relu, relu_ = activation.relu, activation.relu_
    eq, ne, lt, le, gt, ge, isnan, isfinite, isinf, isposinf, isneginf = (
        choosing.eq, choosing.ne, choosing.lt, choosing.le, choosing.gt, choosing.ge, choosing.isnan, choosing.isfinite,
        choosing.isinf, choosing.isposinf, choosing.isneginf,
    )  # fmt: skip
    maximum, minimum, fmax, fmin, clamp, clamp_min, clamp_max, nan_to_num = (
        bounding.maximum, bounding.minimum, bounding.fmax, bounding.fmin, bounding.clamp, bounding.clamp_min,
        bounding.clamp_max, bounding.nan_to_num,
    )  # fmt: skip
    clamp_, clamp_min_, clamp_max_, nan_to_num_ = (
        bounding.clamp_, bounding.clamp_min_, bounding.clamp_max_, bounding.nan_to_num_,
    )  # fmt: skip
    true_divide, true_divide_, clip, clip_ = rounding.div, rounding.div_, bounding.clamp, bounding.clamp_
    bitwise_and, bitwise_or, bitwise_xor, bitwise_not, bitwise_left_shift, bitwise_right_shift = (
        integer.bitwise_and, integer.bitwise_or, integer.bitwise_xor, integer.bitwise_not, integer.bitwise_left_shift,
        integer.bitwise_right_shift,
    )  # fmt: skip
    bitwise_and_, bitwise_or_, bitwise_xor_ = integer.bitwise_and_, integer.bitwise_or_, integer.bitwise_xor_
    logical_and, logical_or, logical_xor, logical_not = (
        integer.logical_and, integer.logical_or, integer.logical_xor, choosing.logical_not,
    )  # fmt: skip
    is_same_size, equal, isclose, allclose = comparing.is_same_size, comparing.equal, comparing.isclose, comparing.allclose
    uniform_, normal_, exponential_ = filling.uniform_, filling.normal_, filling.exponential_
    bernoulli_, random_ = filling.bernoulli_, filling.random_
    bernoulli, multinomial = drawing.bernoulli, drawing.multinomial
    new_tensor, new_full, new_zeros, new_ones, new_empty, new = (
        creation.new_tensor, creation.new_full, creation.new_zeros, creation.new_ones, creation.new_empty, legacy.new,
    )  # fmt: skip
    zero_, fill_, copy_ = filling.zero_, filling.fill_, filling.copy_
    sum, mean, prod, sum_to_size, any, all, count_nonzero = (
        reduction.sum, reduction.mean, reduction.prod, reduction.sum_to_size, reduction.any, reduction.all,
        reduction.count_nonzero,
    )  # fmt: skip
    var, std, norm, cumsum, cumprod = spread.var, spread.std, norms.norm, scan.cumsum, scan.cumprod
    cumsum_, cumprod_ = scan.cumsum_, scan.cumprod_
    max, min, median, amax, amin, aminmax, argmax, argmin = (
        extremes.max, extremes.min, extremes.median, extremes.amax, extremes.amin, extremes.aminmax, extremes.argmax,
        extremes.argmin,
    )  # fmt: skip
    sort, argsort, topk = ordering.sort, ordering.argsort, ordering.topk
    softmax, log_softmax, logsumexp = softmaxes.softmax, softmaxes.log_softmax, softmaxes.logsumexp
    trace, diagonal, diag, diag_embed, tril, triu = (
        diagonals.trace, diagonals.diagonal, diagonals.diag, diagonals.diag_embed, diagonals.tril, diagonals.triu,
    )  # fmt: skip
    tril_, triu_ = diagonals.tril_, diagonals.triu_
    addmv, addmv_ = linalg.addmv, linalg.addmv_
    xlogy = likelihood.xlogy
    mm, mv, dot, bmm, outer, matmul, addmm = (
        linalg.mm, linalg.mv, linalg.dot, linalg.bmm, linalg.outer, linalg.matmul, linalg.addmm,
    )  # fmt: skip
    view, reshape, expand, permute, transpose, t, unsqueeze, squeeze, clone = (
        shaping.view, shaping.reshape, shaping.expand, shaping.permute, shaping.transpose, shaping.t, shaping.unsqueeze,
        shaping.squeeze, shaping.clone,
    )  # fmt: skip
    flatten, unflatten, movedim, broadcast_to, expand_as, view_as, reshape_as = (
        shaping.flatten, shaping.unflatten, shaping.movedim, shaping.broadcast_to, shaping.expand_as, shaping.view_as,
        shaping.reshape_as,
    )  # fmt: skip
    moveaxis, swapaxes, swapdims = shaping.movedim, shaping.transpose, shaping.transpose
    contiguous = shaping.contiguous
    unbind, split, split_with_sizes, chunk, repeat, tile, flip, roll = (
        joining.unbind, joining.split, joining.split_with_sizes, joining.chunk, joining.repeat, joining.tile, joining.flip,
        joining.roll,
    )  # fmt: skip
    select, narrow, index_put, index_put_ = indexing.select, indexing.narrow, indexing.index_put, indexing.index_put_
    index_select, index_add, index_add_, index_copy, index_copy_, index_fill, index_fill_ = (
        gathering.index_select, gathering.index_add, gathering.index_add_, gathering.index_copy, gathering.index_copy_,
        gathering.index_fill, gathering.index_fill_,
    )  # fmt: skip
    gather, scatter, scatter_, scatter_add, scatter_add_, take_along_dim, take, put, put_ = (
        gathering.gather, gathering.scatter, gathering.scatter_, gathering.scatter_add, gathering.scatter_add_,
        gathering.take_along_dim, gathering.take, gathering.put, gathering.put_,
    )  # fmt: skip
    masked_fill, masked_fill_, masked_select, masked_scatter, masked_scatter_, nonzero = (
        masking.masked_fill, masking.masked_fill_, masking.masked_select, masking.masked_scatter, masking.masked_scatter_,
        masking.nonzero,
    )  # fmt: skip
    as_strided, taken_from = strided.as_strided, strided.taken_from
    where = choosing.where_method
    zeros_like = creation.zeros_like
    _cast = casting.to_copy

    @property
    def T(self) -> Any:
        """The tensor with its dimensions in reverse order."""
        return self.permute(tuple(range(self._array.ndim))[::-1])

    to, type, type_as, cpu, cuda = casting.to, casting.type_, casting.type_as, casting.cpu, casting.cuda
    half, float, double = casting.half, casting.float_, casting.double
    char, short, int, long = casting.char, casting.short, casting.int_, casting.long
    byte, bool = casting.byte, casting.bool_


def _rebuilt(cls: type[TensorBase], array: np.ndarray[Any, Any], requires_grad: builtins.bool) -> Any:
    """A leaf around an array, as ``pickle`` and ``copy`` make it."""
    made = wrap(array)
    made.__class__ = cls
    made.requires_grad = requires_grad
    return made


register_tensor_class(Tensor)
