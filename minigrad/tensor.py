"""The Tensor: the table of its methods. What a method does stands with the operator of the same name, in ``ops``.

Mirrors: torch/_tensor.py, tools/autograd/templates/python_variable_methods.cpp
"""

from __future__ import annotations

import builtins
import copy
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

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
    diagonal,
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
    norm,
    ordering,
    pointwise,
    powers,
    reduction,
    rounding,
    scan,
    softmax,
    spread,
    strided,
    trigonometry,
)
from .ops import shape as shaping
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
    __neg__, __abs__, __invert__ = pointwise.neg, elementary.abs, integer.bitwise_not
    __iadd__, __isub__ = sign(pointwise.add_, "+="), sign(pointwise.sub_, "-=")
    __imul__, __itruediv__ = sign(pointwise.mul_, "*="), sign(pointwise.div_, "/=")
    __ifloordiv__, __imod__ = sign(rounding.floor_divide_, "//="), sign(rounding.remainder_, "%=")
    __ipow__ = sign(powers.pow_, "**=")
    __iand__, __ior__, __ixor__ = (
        sign(integer.bitwise_and_, "&="), sign(integer.bitwise_or_, "|="), sign(integer.bitwise_xor_, "^="),
    )  # fmt: skip

    def __pos__(self) -> Any:
        if self._array.dtype.kind == "b":
            raise RuntimeError("+ of a bool tensor: a truth value has no sign")
        return self

    __getitem__, __setitem__ = indexing.getitem, indexing.setitem
    __hash__ = TensorBase.__hash__

    @property
    def T(self) -> Any:
        """The tensor with its dimensions in reverse order."""
        return shaping.permute(self, tuple(range(self._array.ndim))[::-1])

    half, float, double = casting.half, casting.float_, casting.double
    char, short, int, long = casting.char, casting.short, casting.int_, casting.long
    byte, bool = casting.byte, casting.bool_
    moveaxis, swapaxes, swapdims = shaping.movedim, shaping.transpose, shaping.transpose
    true_divide, true_divide_, clip, clip_ = rounding.div, rounding.div_, bounding.clamp, bounding.clamp_
    type, where, _cast = casting.type_, choosing.where_method, casting.to_copy

    if TYPE_CHECKING:  # the methods of METHODS

        def __getattr__(self, name: str) -> Any: ...


# The functions that are methods too, by the file in which they stand; each with its form in place, if it has one.
METHODS = {
    activation: "relu",
    bounding: "clamp clamp_max clamp_min maximum minimum nan_to_num",
    casting: "cpu cuda is_floating_point to type_as",
    choosing: "eq ge gt isfinite isinf isnan isneginf isposinf le logical_not lt ne",
    comparing: "allclose equal isclose",
    creation: "new_empty new_full new_ones new_tensor new_zeros zeros_like",
    diagonal: "diag diag_embed diagonal trace tril triu",
    drawing: "bernoulli multinomial",
    elementary: "abs erf exp exp2 expm1 log log10 log1p log2 logit rsqrt sgn sigmoid sign sqrt",
    extremes: "amax amin argmax argmin max median min",
    filling: "bernoulli_ copy_ exponential_ fill_ normal_ random_ uniform_ zero_",
    gathering: "gather index_add index_select scatter scatter_add take_along_dim",
    indexing: "index_put narrow select",
    integer: "bitwise_and bitwise_not bitwise_or bitwise_xor logical_and logical_or logical_xor",
    joining: "chunk flip repeat roll split split_with_sizes tile unbind",
    legacy: "new",
    likelihood: "xlogy",
    linalg: "addmm addmv bmm dot matmul mm mv outer",
    masking: "masked_fill masked_select nonzero",
    norm: "norm",
    ordering: "argsort sort topk",
    pointwise: "add addcdiv addcmul lerp mul neg reciprocal sub",
    powers: "pow square",
    reduction: "all any count_nonzero mean prod sum sum_to_size",
    rounding: "ceil div floor floor_divide fmod frac remainder round trunc",
    scan: "cumprod cumsum",
    shaping: (
        "broadcast_to clone contiguous expand expand_as flatten movedim permute reshape reshape_as squeeze t transpose "
        "unflatten unsqueeze view view_as"
    ),
    softmax: "log_softmax logsumexp softmax",
    spread: "std var",
    strided: "as_strided taken_from",
    trigonometry: "acos acosh asin asinh atan atan2 atanh cos cosh sin sinh tan tanh",
}
for _module, _names in METHODS.items():
    for _name in _names.split():
        for _form in (_name, f"{_name}_"):
            if hasattr(_module, _form):
                setattr(Tensor, _form, getattr(_module, _form))


def _rebuilt(cls: type[TensorBase], array: np.ndarray[Any, Any], requires_grad: builtins.bool) -> Any:
    """A leaf around an array, as ``pickle`` and ``copy`` make it."""
    made = wrap(array)
    made.__class__ = cls
    made.requires_grad = requires_grad
    return made


register_tensor_class(Tensor)
