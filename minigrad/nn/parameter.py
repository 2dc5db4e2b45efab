"""The tensors that a module learns.

Mirrors: torch/nn/parameter.py
"""

from __future__ import annotations

from typing import Any

from ..autograd.variable import TensorBase, wrap
from ..dtypes import dtype as DType
from ..ops import shape
from ..ops.creation import empty
from ..tensor import Tensor


class Parameter(Tensor):
    """A leaf tensor that a Module registers when it is assigned as an attribute. It shares the memory of ``data``.

    >>> import minigrad
    >>> Parameter(minigrad.ones(2))
    Parameter containing:
    tensor([1., 1.], requires_grad=True)
    """

    def __new__(cls, data: TensorBase | None = None, requires_grad: bool = True) -> Parameter:
        source = Tensor() if data is None else data
        parameter: Parameter = wrap(source._array)
        parameter.__class__, parameter._counter = cls, source.version_counter
        parameter.requires_grad = requires_grad
        return parameter

    def __repr__(self) -> str:
        return "Parameter containing:\n" + super().__repr__()

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        """A parameter with its own copy of the values, and without a gradient."""
        copied = memo[id(self)] = type(self)(shape.clone(self.detach()), self.requires_grad)
        return copied


class UninitializedParameter(Parameter):
    """A parameter whose shape is not known yet: the first call of its module makes a Parameter of it, the same object.

    Its ``data`` is an empty tensor: filling that has no effect. Any other look at its elements raises ValueError, and
    ``shape`` RuntimeError.
    """

    def __new__(cls, requires_grad: bool = True, device: Any = None, dtype: DType | None = None) -> Any:
        parameter = Parameter(empty(0, device=device, dtype=dtype), requires_grad)
        parameter.__class__ = cls
        return parameter

    def materialize(self, shape: tuple[int, ...]) -> None:
        """Become a Parameter of this shape, its elements not initialised."""
        made = empty(shape, dtype=self.dtype)
        self.__class__ = Parameter  # type: ignore[assignment]
        self._array = made._array

    @property
    def _array(self) -> Any:  # every operation begins by asking for it
        raise ValueError(f"this parameter {UNKNOWN}")

    @_array.setter
    def _array(self, array: Any) -> None:
        Parameter._array.__set__(self, array)  # type: ignore[attr-defined]

    @property
    def shape(self) -> Any:
        """Raises RuntimeError: it is not known."""
        raise RuntimeError(f"the shape of this parameter is not known: it {UNKNOWN}")

    @Parameter.data.getter  # type: ignore[attr-defined, untyped-decorator]
    def data(self) -> Any:
        """An empty tensor; the dtype that it is given is the one that the parameter will have."""
        return wrap(super()._array)

    @property
    def dtype(self) -> DType:
        """The type that the elements will have."""
        return self.data.dtype  # type: ignore[no-any-return]

    def detach(self) -> Any:
        """The parameter itself, so that a ``state_dict`` can say that there is nothing yet."""
        return self

    def __repr__(self) -> str:
        return "<UninitializedParameter>"

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        copied = memo[id(self)] = type(self)(self.requires_grad, dtype=self.dtype)
        return copied


UNKNOWN = (
    "has no elements yet: its module takes the shape from its first input. Call the module once on some input (a batch of "
    "zeros will do), and come back"
)
