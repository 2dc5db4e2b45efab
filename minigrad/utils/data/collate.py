"""From a list of samples to a batch: numbers become tensors, tensors are stacked, structures keep their form.

Mirrors: torch/utils/data/_utils/collate.py
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, MutableMapping, MutableSequence, Sequence
from typing import Any

import numpy as np

from ...autograd.variable import TensorBase, wrap
from ...ops.creation import as_tensor, tensor
from ...ops.joining import stack


def default_collate(batch: Any) -> Any:
    """Samples of one form as one batch of that form, with a first dimension more.

    Tensors, arrays and numbers become tensors (Python floats float64), strings stay a list, and dicts, lists and named
    tuples hold batches where the samples held values; a plain tuple becomes a list.

    Raises RuntimeError for sequences or tensors of different size, TypeError for values that no tensor can hold,
    IndexError for no samples.

    >>> default_collate([{"x": 1.0, "label": "a"}, {"x": 2.0, "label": "b"}])
    {'x': tensor([1., 2.], dtype=torch.float64), 'label': ['a', 'b']}
    """
    if not len(batch):
        raise IndexError("a batch of no samples: there is nothing to tell the form of the batch from")
    first = batch[0]
    if isinstance(first, TensorBase):
        return stack(batch)
    if isinstance(first, np.ndarray):
        return stack([as_tensor(array) for array in batch])
    if isinstance(first, (np.bool_, np.number)):
        return wrap(np.array(batch))
    if isinstance(first, float):
        return wrap(np.array(batch, np.float64))
    if isinstance(first, int):
        return tensor(list(batch))
    if isinstance(first, (str, bytes)):
        return batch
    if isinstance(first, Mapping):
        return _rebuilt(first, {key: default_collate([sample[key] for sample in batch]) for key in first})
    if isinstance(first, Sequence):
        if len(set(map(len, batch))) > 1:
            raise RuntimeError(
                f"samples of different length cannot be a batch: they have {[len(sample) for sample in batch]} elements. "
                f"Make them equally long in the dataset, or pass a collate_fn that pads them."
            )
        return _rebuilt(first, [default_collate(values) for values in zip(*batch, strict=True)])
    raise TypeError(
        f"samples of type {type(first).__name__} cannot be a batch: default_collate takes tensors, arrays, numbers, "
        f"strings, and dicts, lists and tuples of them. Pass a collate_fn that says what their batch is."
    )


def default_convert(sample: Any) -> Any:
    """A sample as it is, with NumPy arrays as tensors that share their memory: what a loader without batches does.

    >>> import numpy as np
    >>> default_convert((np.array([1, 2]), "label"))
    [tensor([1, 2]), 'label']
    """
    if isinstance(sample, (np.ndarray, np.generic)) and sample.dtype.kind not in "SUO":
        return as_tensor(sample)
    if isinstance(sample, Mapping):
        return _rebuilt(sample, {key: default_convert(sample[key]) for key in sample})
    if isinstance(sample, Sequence) and not isinstance(sample, (str, bytes)):
        return _rebuilt(sample, [default_convert(value) for value in sample])
    return sample


def _rebuilt(container: Any, values: Any) -> Any:
    """A container of the same type with other values; a dict or list where the type cannot be made anew."""
    if isinstance(container, tuple):
        return type(container)(*values) if hasattr(container, "_fields") else values
    try:
        if not isinstance(container, (MutableMapping, MutableSequence)):
            return type(container)(values)
        rebuilt: Any = copy.copy(container)  # keeps what a subclass has besides its values
        for key, value in values.items() if isinstance(values, dict) else enumerate(values):
            rebuilt[key] = value
    except TypeError:
        return values
    return rebuilt
