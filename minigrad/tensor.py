"""The Tensor: the table of its methods. What a method does stands with the operator of the same name, in ``ops``.

Mirrors: torch/_tensor.py, tools/autograd/templates/python_variable_methods.cpp
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from . import autograd
from .autograd.variable import TensorBase, register_tensor_class, wrap
from .device import cpu
from .dtypes import FROM_NUMPY, Size, get_default_dtype
from .dtypes import dtype as DType
from .ops import creation, filling, gathering, indexing, joining, linalg, masking, pointwise, reduction, strided
from .ops import shape as shaping
from .printing import tensor_text


class Tensor(TensorBase):
    """A NumPy array that remembers how it was computed, so that gradients can find their way back.

    ``Tensor(data)`` always gives the default floating type; ``minigrad.tensor(data)`` keeps the type of the data.
    """

    def __new__(cls, *data: Any, device: Any = None) -> Tensor:
        made: Tensor = wrap(creation.legacy_array(data))
        return made

    # --- what it is -----------------------------------------------------------------------------------------------------

    device = cpu
    is_cuda = False
    layout = "torch.strided"

    @property
    def shape(self) -> Size:
        """The length of each dimension."""
        return Size(self._array.shape)

    def size(self, dim: int | None = None) -> Any:
        """The shape, or the length of one dimension."""
        return Size(self._array.shape) if dim is None else self._array.shape[dim]

    @property
    def dtype(self) -> DType:
        """The type of the elements."""
        return FROM_NUMPY[self._array.dtype]

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return self._array.ndim

    def dim(self) -> int:
        """The number of dimensions."""
        return self._array.ndim

    def numel(self) -> int:
        """The number of elements."""
        return self._array.size

    nelement = numel

    def stride(self, dim: int | None = None) -> Any:
        """How many elements of memory lie between neighbours, for each dimension or for one."""
        steps = tuple(step // self._array.itemsize for step in self._array.strides)
        return steps if dim is None else steps[dim]

    def is_contiguous(self) -> bool:
        """Whether the elements lie in memory row after row, without gaps."""
        return self._array.flags.c_contiguous

    def data_ptr(self) -> int:
        """The address of the first element."""
        return int(self._array.ctypes.data)

    def is_floating_point(self) -> bool:
        """Whether the elements are floating, so that the tensor can require grad."""
        return self._array.dtype.kind == "f"

    def _is_view(self) -> bool:
        return self._base is not None

    # --- differentiation ------------------------------------------------------------------------------------------------

    def backward(
        self,
        gradient: Tensor | None = None,
        retain_graph: bool | None = None,
        create_graph: bool = False,
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
        autograd.backward(self, None if gradient is None else (gradient,), retain_graph, create_graph, inputs=inputs)

    # --- elements as Python and NumPy see them --------------------------------------------------------------------------

    def item(self) -> Any:
        """The one element as a Python number. Raises RuntimeError if there are more, or none."""
        if self._array.size != 1:
            raise RuntimeError(f"item() needs a tensor of one element; this one has shape {list(self._array.shape)}. Use tolist()")
        return self._array.item()

    def tolist(self) -> Any:
        """Nested lists of Python numbers; a number for a 0-dim tensor."""
        return self._array.tolist()

    def numpy(self, *, force: bool = False) -> np.ndarray[Any, Any]:
        """The array itself: a change of one is seen in the other. Raises RuntimeError for a tensor that requires grad."""
        if self.requires_grad and not force:
            raise RuntimeError(
                "numpy() of a tensor that requires grad: changes of the array could not be followed by the graph. Use "
                "x.detach().numpy()."
            )
        return self._array

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        array = self.numpy()
        return array if dtype is None else array.astype(dtype, copy=False)

    __array_priority__ = 1000  # ndarray * tensor is left to the tensor

    def __bool__(self) -> bool:
        if self._array.size != 1:
            raise RuntimeError(
                f"a tensor of shape {list(self._array.shape)} is neither true nor false; ask for (x > 0).any() or .all()"
            )
        return bool(self._array.item())

    def _number(self) -> Any:
        if self._array.size != 1:
            raise ValueError(f"only a tensor of one element is a Python number; this one has shape {list(self._array.shape)}")
        return self._array.item()

    def __float__(self) -> float:
        return float(self._number())

    def __int__(self) -> int:
        return int(self._number())

    def __index__(self) -> int:
        if self._array.dtype.kind == "f":
            raise TypeError("only a tensor of integers can be an index")
        return int(self._number())

    def __len__(self) -> int:
        if not self._array.ndim:
            raise TypeError("len() of a 0-dim tensor: it is a single number")
        return len(self._array)

    def __iter__(self) -> Iterator[Any]:
        if not self._array.ndim:
            raise TypeError("a 0-dim tensor is a single number and cannot be iterated over")
        return iter(joining.unbind(self, 0))

    def __contains__(self, element: Any) -> bool:
        return bool((self._array == (element._array if isinstance(element, TensorBase) else element)).any())

    def __format__(self, spec: str) -> str:
        return format(self._array.item(), spec) if not self._array.ndim else object.__format__(self, spec)

    def __repr__(self) -> str:
        return tensor_text(
            self._array,
            default_dtype=get_default_dtype().numpy,
            requires_grad=self.requires_grad,
            grad_fn=None if self.grad_fn is None else type(self.grad_fn).__name__,
        )

    # --- operators ------------------------------------------------------------------------------------------------------

    __add__ = __radd__ = pointwise.add
    __sub__ = pointwise.sub
    __rsub__ = pointwise.rsub
    __mul__ = __rmul__ = pointwise.mul
    __truediv__ = pointwise.div
    __rtruediv__ = pointwise.rdiv
    __pow__ = pointwise.pow
    __rpow__ = pointwise.rpow
    __neg__ = pointwise.neg
    __abs__ = pointwise.abs
    __matmul__ = linalg.matmul
    __eq__ = pointwise.eq  # type: ignore[assignment]
    __ne__ = pointwise.ne  # type: ignore[assignment]
    __lt__, __le__, __gt__, __ge__ = pointwise.lt, pointwise.le, pointwise.gt, pointwise.ge
    __and__ = pointwise.logical_and
    __or__ = pointwise.logical_or
    __invert__ = pointwise.logical_not
    __iadd__, __isub__, __imul__, __itruediv__ = pointwise.add_, pointwise.sub_, pointwise.mul_, pointwise.div_
    __getitem__, __setitem__ = indexing.getitem, indexing.setitem
    __hash__ = TensorBase.__hash__

    add, sub, mul, div, pow, neg, abs = (
        pointwise.add, pointwise.sub, pointwise.mul, pointwise.div, pointwise.pow, pointwise.neg, pointwise.abs,
    )  # fmt: skip
    exp, log, sqrt, tanh, sigmoid, relu = (
        pointwise.exp, pointwise.log, pointwise.sqrt, pointwise.tanh, pointwise.sigmoid, pointwise.relu,
    )  # fmt: skip
    sgn, reciprocal = pointwise.sgn, pointwise.reciprocal
    eq, ne, lt, le, gt, ge = pointwise.eq, pointwise.ne, pointwise.lt, pointwise.le, pointwise.gt, pointwise.ge
    add_, sub_, mul_, div_, neg_ = (
        pointwise.add_, pointwise.sub_, pointwise.mul_, pointwise.div_, pointwise.neg_,
    )  # fmt: skip
    exp_, sqrt_, abs_, tanh_, sigmoid_, relu_, pow_ = (
        pointwise.exp_, pointwise.sqrt_, pointwise.abs_, pointwise.tanh_, pointwise.sigmoid_, pointwise.relu_,
        pointwise.pow_,
    )  # fmt: skip
    __ipow__ = pointwise.pow_
    uniform_, normal_ = filling.uniform_, filling.normal_
    zero_, fill_, copy_ = filling.zero_, filling.fill_, filling.copy_
    sum, mean, sum_to_size = reduction.sum, reduction.mean, reduction.sum_to_size
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
    where = pointwise.where_method
    zeros_like = creation.zeros_like
    _cast = shaping.to_copy

    @property
    def T(self) -> Any:
        """The tensor with its dimensions in reverse order."""
        return self.permute(tuple(range(self._array.ndim))[::-1])

    def to(self, dtype: DType) -> Any:
        """The values in another type: the tensor itself if it has that type already."""
        return shaping.to_dtype(self, dtype)


register_tensor_class(Tensor)
