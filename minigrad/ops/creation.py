"""New tensors: from data, filled with one value, and with numbers in a row.

Mirrors: torch/csrc/utils/tensor_new.cpp, aten/src/ATen/native/TensorFactories.cpp, RangeFactories.cpp
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..autograd.variable import TensorBase, wrap
from ..device import check_device
from ..dtypes import FROM_NUMPY, as_dtype, cast, filler, fitting, get_default_dtype, number_dtype, promote_numpy
from ..dtypes import dtype as DType
from ..random import _fma as multiply_add
from .casting import to_dtype
from .filling import bounds_of, copy_
from .shape import new_in_order, whole

# --- from data ----------------------------------------------------------------------------------------------------------


def tensor(data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Any:
    """A new leaf tensor with a copy of ``data``: a number, nested sequences, an ndarray or a tensor.

    Python floats become the default dtype, ints int64, truth values bool; what comes from NumPy keeps its type. Warns for
    a tensor. Raises ValueError for sequences of unequal length, TypeError for text and for an ndarray of no known type,
    RuntimeError for what is no number, for a number that does not fit, and for an integer that requires grad.

    >>> minigrad.tensor([[1.0, 2.0], [3.0, 4.0]])
    tensor([[1., 2.],
            [3., 4.]])
    """
    if not isinstance(requires_grad, bool):
        raise TypeError(f"requires_grad is True or False, not {requires_grad!r}")
    if isinstance(data, TensorBase):
        warnings.warn(
            "tensor(x) of a tensor x copies the values only; x.detach().clone() says so, and x.clone() keeps the history",
            UserWarning,
            stacklevel=2,
        )
    array = array_of(data, None if dtype is None else as_dtype(dtype).numpy)
    return finished(array, device=device, requires_grad=requires_grad)


def as_tensor(data: Any, dtype: Any = None, device: Any = None) -> Any:
    """A tensor with this data: a tensor itself, an ndarray without copying it where the types allow, else as ``tensor``.

    >>> x = minigrad.tensor([1.0])
    >>> minigrad.as_tensor(x) is x
    True
    """
    check_device(device)
    if isinstance(data, np.ndarray):
        data = from_numpy(data)
    if isinstance(data, TensorBase):
        return data if dtype is None else to_dtype(data, dtype)
    return tensor(data, dtype=dtype)


def from_numpy(ndarray: np.ndarray[Any, Any]) -> Any:
    """A tensor on the memory of an ndarray: a change of one is seen in the other.

    Raises TypeError for what is no ndarray or holds a type that tensors do not have.

    >>> import numpy
    >>> a = numpy.zeros(2)
    >>> x = minigrad.from_numpy(a)
    >>> a[0] = 5
    >>> x
    tensor([5., 0.], dtype=torch.float64)
    """
    if not isinstance(ndarray, np.ndarray):
        raise TypeError(f"from_numpy takes an ndarray, not {type(ndarray).__name__}; use tensor() for other data")
    return wrap(_known(ndarray))


def _known(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The array itself, if a tensor can lie on its memory."""
    if array.dtype.newbyteorder("=") not in FROM_NUMPY:
        raise TypeError(f"tensors cannot hold NumPy's {array.dtype}; use array.astype(...) for a type that both know")
    if not array.dtype.isnative:
        raise ValueError(
            f"this {array.dtype} array has its bytes in foreign order: use array.astype(array.dtype.newbyteorder('='))"
        )
    if any(stride < 0 for stride in array.strides):
        raise ValueError(f"this array runs backwards in memory (strides {array.strides}); pass array.copy()")
    return array if array.dtype is FROM_NUMPY[array.dtype].numpy else array.view(FROM_NUMPY[array.dtype].numpy)


def array_of(data: Any, dtype: np.dtype[Any] | None) -> np.ndarray[Any, Any]:
    """A new array with the values of ``data``, in the given type or in the one that the data suggest."""
    if isinstance(data, TensorBase):
        return np.array(cast(data._array, dtype or data._array.dtype))
    if isinstance(data, (np.ndarray, np.generic)):
        known = _known(np.asarray(data))
        with np.errstate(all="ignore"):
            return np.array(cast(known, dtype or known.dtype))
    sizes, elements = _flattened(data)
    kinds = set(map(type, elements))
    if not kinds <= {float, int, bool}:
        found = [_element(element) for element in elements]
        elements, own = [value for value, _ in found], found[0][1]
        for _, kind in found:
            own = promote_numpy(own, kind)
    elif float in kinds or not kinds:
        own = get_default_dtype().numpy
    else:
        own = number_dtype(0 if int in kinds else True)
    wanted = dtype or own
    values = np.array(elements) if elements else np.zeros(0)
    if wanted.kind in "iu" and values.dtype.kind in "uO":
        raise ValueError("tensor(): an integer of the data is beyond the 64 bits of int64; dtype=torch.float64 takes it")
    return fitting(values, wanted).reshape(sizes)


def is_sequence(value: Any) -> bool:
    """Whether data go on inside: a list, a tuple, a range, an ndarray with dimensions. A tensor counts as one element."""
    return value.__class__ in (list, tuple) or (
        not isinstance(value, (str, bytes, TensorBase))
        and (value.ndim > 0 if isinstance(value, np.ndarray) else isinstance(value, Sequence))
    )


def _flattened(data: Any) -> tuple[list[int], list[Any]]:
    """The lengths of nested sequences, and the elements in a row."""
    if isinstance(data, str):
        raise TypeError(f"tensor() takes numbers, not the text {data!r}")
    sizes: list[int] = []
    level = [data]
    while level and is_sequence(level[0]):
        length = len(level[0])
        for part in level:
            if not is_sequence(part):
                raise TypeError(f"tensor(): {part!r} stands beside the sequence {level[0]!r}; all or none must be one")
            if len(part) != length:
                raise ValueError(f"tensor(): sequences at depth {len(sizes)} have unequal lengths, {length} and {len(part)}")
        sizes.append(length)
        level = [element for part in level for element in part]
    return sizes, level


def _element(value: Any) -> tuple[Any, np.dtype[Any]]:
    """One element of the data as a Python number, and its type."""
    if isinstance(value, TensorBase):
        return value._number(), value._array.dtype
    if isinstance(value, (np.generic, np.ndarray)) and value.dtype in FROM_NUMPY:
        return value.item(), value.dtype
    if isinstance(value, (float, int)):
        return value, number_dtype(value)
    if is_sequence(value):
        raise TypeError(f"tensor(): where one part of the data is a number, all must be; {value!r} is none")
    if isinstance(value, str):
        raise ValueError(f"tensor() takes numbers, not the text {value!r}")
    raise RuntimeError(f"tensor() takes numbers; {value!r} ({type(value).__name__}) has no element type")


# --- what all share -----------------------------------------------------------------------------------------------------


# NOTE [Options of a new tensor]: in the signatures below, ``**options`` are ``device`` (there is only the CPU) and
# ``requires_grad``; of functions that take a size, ``size`` and ``out`` as well: ``out`` is a tensor that receives the values.


def finished(array: np.ndarray[Any, Any], *, device: Any = None, requires_grad: bool = False, out: Any = None) -> Any:
    """A new leaf on this array; or ``out``, with these values."""
    check_device(device)
    made = wrap(array) if out is None else copy_(resized(out, array.shape), wrap(array))
    if requires_grad:
        made.requires_grad = True
    return made


def resized(out: Any, size: tuple[int, ...]) -> Any:
    """The tensor given as ``out=``, with new memory if it has another shape."""
    if out._array.shape != size:
        out._array = np.empty(size, out._array.dtype)
    return out


def chosen_dtype(dtype: Any, out: Any = None, otherwise: DType | None = None) -> np.dtype[Any]:
    """The type of a new tensor: the one asked for, that of ``out``, or the default one. RuntimeError if two disagree."""
    if dtype is None:
        return out._array.dtype if out is not None else (otherwise or get_default_dtype()).numpy
    wanted = as_dtype(dtype)
    if out is not None and out._array.dtype is not wanted.numpy:
        raise RuntimeError(f"dtype={wanted} and out= disagree: out is a tensor of {out._array.dtype.name}; leave dtype away")
    return wanted.numpy


def size_of(size: tuple[Any, ...], operator: str) -> tuple[int, ...]:
    """The shape in a call such as ``zeros(2, 3)``, ``zeros((2, 3))`` or ``zeros(x.shape)``.

    Raises TypeError for what is no length, RuntimeError for a negative one.
    """
    if len(size) == 1 and isinstance(size[0], (tuple, list)):
        size = tuple(size[0])
    elif not size:
        raise TypeError(f"{operator}() needs a size: {operator}(2, 3), or {operator}(()) for a single number")
    lengths = tuple([n if n.__class__ is int else whole(n, f"{operator}(): a length") for n in size])
    if min(lengths, default=0) < 0:
        raise RuntimeError(f"{operator}(): a length cannot be negative, but the size is {lengths}")
    return lengths


# --- filled with one value, or left as memory comes ---------------------------------------------------------------------


def _of_size(
    make: Any, operator: str, lengths: Any, *, size: Any = None, dtype: Any = None, out: Any = None, **options: Any
) -> Any:
    array = make(size_of(lengths if size is None else (size,), operator), chosen_dtype(dtype, out))
    return finished(array, out=out, **options)


def empty(*lengths: Any, size: Any = None, dtype: Any = None, out: Any = None, **options: Any) -> Any:
    """A tensor whose elements are whatever the memory held.

    The size is given as ints or as one tuple, list or Size, here and in all functions below.
    """
    shape = size_of(lengths if size is None else (size,), "empty")
    made = finished(np.empty(shape, chosen_dtype(dtype, out)), **options)
    return made if out is None else resized(out, shape)


def zeros(*lengths: Any, **options: Any) -> Any:
    """A tensor of zeros.

    >>> minigrad.zeros(2, 3)
    tensor([[0., 0., 0.],
            [0., 0., 0.]])
    """
    return _of_size(np.zeros, "zeros", lengths, **options)


def ones(*lengths: Any, **options: Any) -> Any:
    """A tensor of ones."""
    return _of_size(np.ones, "ones", lengths, **options)


def full(size: Sequence[int], fill_value: Any, *, dtype: Any = None, out: Any = None, **options: Any) -> Any:
    """A tensor with one number everywhere, in the type of that number.

    Raises TypeError for what is no number, RuntimeError for a number that the type cannot hold.

    >>> minigrad.full((2, 2), 7)
    tensor([[7, 7],
            [7, 7]])
    """
    if not isinstance(size, (tuple, list)):
        raise TypeError(f"full(): the size is a tuple such as (2, 3), not {size!r}")
    value = as_number(fill_value, "full")
    kind = chosen_dtype(dtype, out, FROM_NUMPY[number_dtype(value)])
    return finished(np.full(size_of((size,), "full"), filler(value, kind)), out=out, **options)


def as_number(value: Any, operator: str) -> Any:
    """A number, or the number in a 0-dim tensor. Raises TypeError for anything else."""
    if isinstance(value, TensorBase):
        value = value._array.item()
    elif isinstance(value, np.generic):
        value = value.item()
    if not isinstance(value, (int, float)):
        raise TypeError(f"{operator}() takes a number here, not {value!r} ({type(value).__name__})")
    return value


def empty_like(input: Any, *, dtype: Any = None, **options: Any) -> Any:
    """A tensor in the shape and type of ``input``, and laid out like it in memory, with whatever the memory held."""
    if not isinstance(input, TensorBase):
        raise TypeError(f"a function of the kind of zeros_like takes a Tensor, not {type(input).__name__}; see zeros")
    own = input._array
    kind = own.dtype if dtype is None else as_dtype(dtype).numpy
    return finished(new_in_order(own.shape, kind, own.strides), out=None, **options)


def zeros_like(input: Any, **options: Any) -> Any:
    """Zeros in the shape and type of ``input``."""
    return full_like(input, 0, **options)


def ones_like(input: Any, **options: Any) -> Any:
    """Ones in the shape and type of ``input``."""
    return full_like(input, 1, **options)


def full_like(input: Any, fill_value: Any, **options: Any) -> Any:
    """One number everywhere, in the shape and type of ``input``."""
    made = empty_like(input, **options)
    made._array[...] = filler(as_number(fill_value, "full_like"), made._array.dtype)
    return made


def eye(n: int, m: int | None = None, *, dtype: Any = None, out: Any = None, **options: Any) -> Any:
    """A matrix of ``n`` rows and ``m`` columns (``n``, if left out) with ones on its diagonal and zeros elsewhere."""
    rows, columns = size_of((n, n if m is None else m), "eye")
    return finished(np.eye(rows, columns, dtype=chosen_dtype(dtype, out)), out=out, **options)


# --- numbers in a row ---------------------------------------------------------------------------------------------------

# NOTE [The last bit of a row]: PyTorch makes the elements of a floating row 32 bytes at a time, twice. Inside such a piece
# it counts on from the piece's first element, rounded to the type of the row; the rest that fills no pair of pieces is
# counted from the start. Both round once, after multiplying and adding. (On x86; a long row is cut into parts, one for each
# thread, and there the last bit may differ.)


def arange(
    *bounds: Any, dtype: Any = None, out: Any = None, device: Any = None, requires_grad: bool = False, **named: Any
) -> Any:
    """Numbers from ``start`` up to but without ``end``, ``step`` apart: ``arange(end)`` or ``arange(start, end, step=1)``.

    Integers if all bounds are, else of the default dtype. Raises RuntimeError if ``step`` is 0 or leads away from ``end``.

    >>> minigrad.arange(1, 2.5, 0.5)
    tensor([1.0000, 1.5000, 2.0000])
    """
    given = bounds_of("arange", "end", ("start", "end", "step"), bounds, named)
    if "end" not in given:
        raise TypeError(f"arange() needs an end, and has only {given}")
    if "step" in given and "start" not in given:
        raise TypeError("arange() with a step needs a start as well: arange(start, end, step)")
    start, end, step = (
        as_number(given.get(name, default), "arange") for name, default in (("start", 0), ("end", 0), ("step", 1))
    )
    whole = all(isinstance(bound, int) for bound in (start, end, step))
    kind = chosen_dtype(dtype, out, FROM_NUMPY[np.dtype(np.int64)] if whole else None)
    if kind.kind == "b":
        raise NotImplementedError("arange() of truth values: count in integers and compare, as in arange(n) > 0")
    return finished(_row(start, end, step, kind), device=device, requires_grad=requires_grad, out=out)


def _row(start: Any, end: Any, step: Any, dtype: np.dtype[Any]) -> Any:
    if not (math.isfinite(start) and math.isfinite(end)):
        raise RuntimeError(f"arange() from {start} to {end} has no end")
    if step == 0 or (end - start) * step < 0:
        raise RuntimeError(f"arange() from {start} to {end} by steps of {step} never arrives; give step the other sign")
    if dtype == np.int64:
        start, end, step = int(start), int(end), int(step)
        if step == 0:
            raise ValueError("arange() of int64 by a step below 1: the step would be cut to 0; write dtype=torch.float64")
        return np.arange(start, end, step, dtype=np.int64)
    count = math.ceil((end - start) / step)
    if dtype.kind in "iu":
        return (int(start) + int(step) * np.arange(count)).astype(dtype)
    if dtype == np.float16:
        start, step = float(np.float32(start)), float(np.float32(step))  # the type in which PyTorch counts here
    position = np.arange(count, dtype=np.float64)
    row = cast(multiply_add(position, step, start), dtype)  # NOTE [The last bit of a row]
    piece = 32 // dtype.itemsize
    paired = position[: count - count % (2 * piece)]
    inside = paired % piece
    first = cast(multiply_add(paired - inside, step, start), dtype)
    row[: paired.size] = cast(multiply_add(inside, step, first.astype(np.float64)), dtype)
    return row


def linspace(start: Any, end: Any, steps: int, *, dtype: Any = None, out: Any = None, **options: Any) -> Any:
    """``steps`` numbers from ``start`` to ``end``, both included, at equal distances.

    Raises RuntimeError for a negative number of steps and for ends with dimensions, TypeError for what is no number.
    """
    kind = chosen_dtype(dtype, out)
    return finished(_spaced(_end(start), _end(end), _count(steps), kind), out=out, **options)


def logspace(
    start: Any, end: Any, steps: int, base: float = 10.0, *, dtype: Any = None, out: Any = None, **options: Any
) -> Any:
    """``steps`` numbers from ``base**start`` to ``base**end``, both included, each the same multiple of the one before.

    >>> minigrad.logspace(0, 2, 3)
    tensor([  1.,  10., 100.])
    """
    kind = chosen_dtype(dtype, out)
    first, last = (float(fitting(_end(end_), kind)) for end_ in (start, end))
    position = np.arange(_count(steps), dtype=np.float64)
    step = (last - first) / max(position.size - 1, 1)
    exponents = np.where(position < position.size // 2, first + step * position, last - step * position[::-1])
    if position.size == 1:
        exponents[0] = first
    powers = np.array([math.pow(base, exponent) for exponent in exponents])  # the C library's, as PyTorch's
    return finished(cast(powers, kind), out=out, **options)


def _end(value: Any) -> Any:
    if isinstance(value, TensorBase) and value._array.ndim:
        raise RuntimeError(f"a row begins and ends with one number, not with a tensor of shape {list(value._array.shape)}")
    return as_number(value, "linspace")


def _count(steps: Any) -> int:
    count = whole(steps, "the number of steps")
    if count < 0:
        raise RuntimeError(f"the number of steps cannot be negative, but it is {count}")
    return count


def _spaced(start: Any, end: Any, steps: int, dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
    """The first half is counted from the start, the second back from the end, so that the row is symmetric."""
    if dtype.kind == "b":
        raise NotImplementedError("a row of truth values has no steps; make it of numbers and compare")
    first, last = fitting(start, dtype), fitting(end, dtype)
    if steps < 2:
        return np.full(steps, first)
    position = np.arange(steps, dtype=np.float64)
    back = steps - 1 - position
    if dtype == np.float16:  # rounded after each operation
        half_step = np.float16(last - first) / np.float16(steps - 1)
        return np.where(
            position < steps // 2, first + half_step * position.astype(dtype), last - half_step * back.astype(dtype)
        )
    if dtype.kind != "f":
        first, last = first.astype(np.float64), last.astype(np.float64)
    step = (last - first) / first.dtype.type(steps - 1)
    ahead = multiply_add(position, float(step), float(first))
    return np.where(position < steps // 2, ahead, multiply_add(back, -float(step), float(last))).astype(dtype)


# --- in the type of a tensor --------------------------------------------------------------------------------------------


def _in_type_of_tensor(make: Any) -> Any:
    def method(self: Any, *arguments: Any, dtype: Any = None, **options: Any) -> Any:
        return make(*arguments, dtype=dtype or self.dtype, **options)

    method.__doc__ = f"``{make.__name__}`` in the type of this tensor."
    return method


new_tensor, new_full, new_empty, new_zeros, new_ones = map(_in_type_of_tensor, (tensor, full, empty, zeros, ones))
