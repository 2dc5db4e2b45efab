"""Saving tensors and state dicts to a file, and loading them without ever running anything that the file contains.

NOTE [The format]: NumPy's ``.npz``, an uncompressed zip archive of arrays: one of bytes, ``tree``, says in JSON how the values
are nested, and ``arr_0``, ``arr_1`` ... are the tensors. Nothing is compressed, no members overlap and none is read twice, so
a file can never unfold to more than its own size; nothing is pickled, so a file is only data. Every size is checked against
the file before memory is taken for it.

Mirrors: torch/serialization.py
"""

from __future__ import annotations

import io
import json
import math
import os
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import numpy as np

from .autograd.variable import TensorBase, wrap
from .dtypes import FROM_NUMPY
from .nn.parameter import Parameter

STORED = 0  # how the zip format numbers "not compressed"


def save(obj: Any, f: str | os.PathLike[str]) -> None:
    """Write tensors, and lists, tuples and dicts of them with numbers and strings, to the file ``f``.

    The file appears whole or not at all: a crash leaves what was there before. Raises TypeError for other values.

    >>> import minigrad, os, tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "model.npz")
    >>> minigrad.save({"w": minigrad.ones(2), "epoch": 3}, path)
    >>> minigrad.load(path)
    {'w': tensor([1., 1.]), 'epoch': 3}
    """
    arrays: list[np.ndarray[Any, Any]] = []
    tree = np.frombuffer(json.dumps(_described(obj, arrays)).encode(), np.uint8)
    temporary = f"{os.fspath(f)}.{os.getpid()}.{threading.get_ident()}.part"
    file = open(temporary, "xb")  # noqa: SIM115  # closed below; if it cannot be made, there is nothing to remove
    try:
        with file:
            np.savez(file, *[np.ascontiguousarray(array).reshape(array.shape) for array in arrays], tree=tree)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, f)
    except BaseException:
        os.unlink(temporary)
        raise


def load(f: str | os.PathLike[str]) -> Any:
    """What ``save`` wrote to the file ``f``. Raises RuntimeError, saying why, for a file that is not exactly that."""
    with open(f, "rb") as file:
        try:
            with np.lib.npyio.NpzFile(file) as archive:
                return _read(archive.zip, os.fstat(file.fileno()).st_size)
        except Exception as error:  # the readers of zip, npy and JSON raise many kinds at bytes that are not theirs
            raise RuntimeError(
                f"{os.fspath(f)!r} is not a file that minigrad.save wrote, or it was damaged: {error}. Files of torch.save hold "
                f"programs and are never read; move weights with reference.convert, or save them again."
            ) from None


def _read(archive: Any, size: int) -> Any:
    """The value in an open zip archive of this many bytes."""
    members = {info.filename: info for info in archive.infolist()}
    if len(members) != len(archive.infolist()):
        raise _Refused("it has two members of one name")
    if any(info.compress_type != STORED for info in members.values()):
        raise _Refused("a member is compressed, and save() compresses none")
    if sum(info.file_size for info in members.values()) > size:
        raise _Refused(f"its members are larger than its {size} bytes, so that they must overlap")
    tree = _array(archive, members, "tree.npy")
    return _built(json.loads(tree.tobytes()), lambda number: _array(archive, members, f"arr_{number}.npy"))


class _Refused(Exception):
    """What is wrong with a file."""


def _described(value: Any, arrays: list[np.ndarray[Any, Any]]) -> Any:
    """A value as JSON: ``[kind, content]``, with each tensor replaced by its number in ``arrays``."""
    if isinstance(value, TensorBase):
        arrays.append(value._array)
        kind = "parameter" if isinstance(value, Parameter) else "tensor"
        return [kind, len(arrays) - 1, value.requires_grad]
    if value is None or isinstance(value, (bool, int, str)):
        return ["value", value]
    if isinstance(value, float):
        return ["float", value.hex()]
    if isinstance(value, (list, tuple)) and type(value) in (list, tuple):
        return [type(value).__name__, [_described(item, arrays) for item in value]]
    if isinstance(value, dict):
        kind = "OrderedDict" if isinstance(value, OrderedDict) else "dict"
        return [kind, [[_described(key, arrays), _described(item, arrays)] for key, item in value.items()]]
    raise TypeError(
        f"save keeps tensors, numbers, strings, None, lists, tuples and dicts, not {type(value).__name__}. Of a module or an "
        f"optimiser, save its state_dict()."
    )


def _built(tree: Any, array: Callable[[int], np.ndarray[Any, Any]]) -> Any:
    """The value that ``_described`` described."""
    kind, content, *more = tree
    if kind in ("tensor", "parameter"):
        (requires_grad,) = more
        tensor = wrap(array(content))
        if kind == "parameter":
            return Parameter(tensor, requires_grad=bool(requires_grad))
        tensor.requires_grad = bool(requires_grad)
        return tensor
    if kind == "value" and (content is None or isinstance(content, (bool, int, str))):
        return content
    if kind == "float":
        return float.fromhex(content)
    if kind in ("list", "tuple"):
        items = [_built(item, array) for item in content]
        return items if kind == "list" else tuple(items)
    if kind in ("dict", "OrderedDict"):
        pairs = [(_built(key, array), _built(item, array)) for key, item in content]
        return dict(pairs) if kind == "dict" else OrderedDict(pairs)
    raise _Refused(f"{kind!r} is no kind of value that save() writes")


def _array(archive: Any, members: dict[str, Any], name: str) -> np.ndarray[Any, Any]:
    """One member's elements, after its header has been held against its size."""
    if members.pop(name, None) is None:
        raise _Refused(f"{name!r} is missing, or read twice")
    stream = io.BytesIO(archive.read(name))
    if np.lib.format.read_magic(stream) != (1, 0):
        raise _Refused(f"{name!r} has an unknown header")
    shape, fortran, dtype = np.lib.format.read_array_header_1_0(stream)
    rest = len(stream.getvalue()) - stream.tell()
    if dtype not in FROM_NUMPY or fortran or math.prod(shape) * dtype.itemsize != rest or any(n < 0 for n in shape):
        raise _Refused(f"{name!r} says dtype {dtype} and shape {list(shape)}, and holds {rest} bytes")
    return np.frombuffer(stream.getbuffer()[stream.tell() :], dtype).reshape(shape).copy()
