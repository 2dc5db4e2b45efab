"""Datasets: what has samples, and ways to make one dataset of others.

Mirrors: torch/utils/data/dataset.py
"""

from __future__ import annotations

import bisect
import itertools
import math
import warnings
from collections.abc import Iterable, Sequence
from typing import Any, Generic, TypeVar

from ...autograd.variable import TensorBase, wrap
from ...random import Generator, randperm
from .collate import default_collate

Sample = TypeVar("Sample", covariant=True)


class Dataset(Generic[Sample]):
    """Samples that can be asked for by index. A subclass writes ``__getitem__``, and ``__len__`` if it has an end.

    It may also write ``__getitems__``, which takes a list of indices and returns a list of samples; a DataLoader that
    makes batches then calls that.
    """

    def __getitem__(self, index: Any) -> Sample:
        raise NotImplementedError(f"{type(self).__name__} is a Dataset without a __getitem__(self, index) of its own")

    def __add__(self, other: Dataset[Any]) -> ConcatDataset:
        return ConcatDataset([self, other])


class IterableDataset(Dataset[Sample], Iterable[Sample]):
    """Samples that come one after the other, as from a stream. A subclass must write ``__iter__``, else TypeError."""


class TensorDataset(Dataset[tuple[Any, ...]]):
    """Rows of tensors: sample ``i`` is the tuple of ``tensor[i]``. Raises AssertionError for tensors of unequal length.

    >>> import minigrad
    >>> inputs, labels = minigrad.tensor([[1.0, 2.0], [3.0, 4.0]]), minigrad.tensor([0, 1])
    >>> TensorDataset(inputs, labels)[1]
    (tensor([3., 4.]), tensor(1))
    """

    def __init__(self, *tensors: Any) -> None:
        for position, tensor in enumerate(tensors):
            if not isinstance(tensor, TensorBase):
                raise TypeError(f"TensorDataset holds tensors, but argument {position} is a {type(tensor).__name__}")
            if not tensor._array.ndim:
                raise IndexError(f"TensorDataset takes rows, but tensor {position} is 0-dim: a single number")
        lengths = [len(tensor) for tensor in tensors]
        if len(set(lengths)) > 1:
            raise AssertionError(f"the tensors of a dataset have one row per sample, but these have {lengths} rows")
        self.tensors = tensors

    def __getitem__(self, index: Any) -> tuple[Any, ...]:
        return tuple(tensor[index] for tensor in self.tensors)

    def batch(self, indices: Any) -> Any:
        """``default_collate([self[i] for i in indices])``, far sooner: without gradients, the rows are taken at once."""
        recorded = any(tensor.requires_grad for tensor in self.tensors)
        if recorded or type(indices) is not list or not indices or not all(type(i) is int for i in indices):
            return default_collate([self[i] for i in indices])
        return [wrap(tensor._array.take(indices, 0)) for tensor in self.tensors]

    def __len__(self) -> int:
        return len(self.tensors[0])


class ConcatDataset(Dataset[Any]):
    """Datasets one after the other: what ``first + second`` makes. Raises AssertionError for none, or for an iterable one.

    >>> len(ConcatDataset([range(3), range(2)])), ConcatDataset([range(3), range(2)])[-1]
    (5, 1)
    """

    def __init__(self, datasets: Iterable[Any]) -> None:
        self.datasets = list(datasets)
        if not self.datasets:
            raise AssertionError("ConcatDataset was given no datasets")
        for position, dataset in enumerate(self.datasets):
            if isinstance(dataset, IterableDataset):
                raise AssertionError(
                    f"ConcatDataset asks for samples by index, but dataset {position} is a stream without any"
                )
        self.cumulative_sizes = list(itertools.accumulate(len(dataset) for dataset in self.datasets))

    def __len__(self) -> int:
        return self.cumulative_sizes[-1]

    def __getitem__(self, index: int) -> Any:
        if not -len(self) <= index < len(self):
            error = ValueError if index < 0 else IndexError
            raise error(f"index {index} is outside a dataset of {len(self)} samples")
        index %= len(self)
        which = bisect.bisect_right(self.cumulative_sizes, index)
        return self.datasets[which][index - (self.cumulative_sizes[which - 1] if which else 0)]


class Subset(Dataset[Sample]):
    """The samples of a dataset at some indices.

    A subclass that writes its own ``__getitem__`` must write ``__getitems__`` too, which is what a DataLoader calls:
    else NotImplementedError.

    >>> list(Subset("abcd", [3, 0]))
    ['d', 'a']
    """

    def __init__(self, dataset: Any, indices: Sequence[int]) -> None:
        kind = type(self)
        if kind.__getitem__ is not Subset.__getitem__ and kind.__getitems__ is Subset.__getitems__:
            raise NotImplementedError(
                f"{kind.__name__} has a __getitem__ of its own, which a DataLoader would pass by: it calls __getitems__. "
                f"Add to the class: def __getitems__(self, indices): return [self[i] for i in indices]"
            )
        self.dataset = dataset
        self.indices = indices

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, list):
            return self.dataset[[self.indices[i] for i in index]]
        return self.dataset[self.indices[index]]

    def __getitems__(self, indices: list[Any]) -> Any:
        return samples(self.dataset, [self.indices[i] for i in indices])

    def __len__(self) -> int:
        return len(self.indices)


def samples(dataset: Any, indices: Iterable[Any]) -> Any:
    """The samples at several indices: by ``__getitems__`` if the dataset has one, else one by one."""
    if getattr(dataset, "__getitems__", None):
        return dataset.__getitems__(indices)
    return [dataset[index] for index in indices]


def random_split(dataset: Any, lengths: Sequence[float], generator: Generator | None = None) -> list[Subset[Any]]:
    """Disjoint subsets of a dataset in random order, of the given lengths, or of fractions that add up to 1.

    What fractions leave over goes to the first subsets, one sample each. Raises ValueError for a fraction outside
    [0, 1], and for lengths that do not add up to the length of the dataset. Warns when a fraction gives no sample.

    >>> [len(part) for part in random_split(range(10), [0.75, 0.25])]
    [8, 2]
    """
    if math.isclose(sum(lengths), 1) and sum(lengths) <= 1:
        lengths = _whole_lengths(lengths, len(dataset))
        for position, length in enumerate(lengths):
            if not length:
                warnings.warn(f"subset {position} of {len(lengths)} gets none of {len(dataset)} samples", stacklevel=2)
    if sum(lengths) != len(dataset):
        raise ValueError(
            f"the lengths {list(lengths)} add up to {sum(lengths)}, but the dataset has {len(dataset)} samples. Give "
            f"lengths that add up to that, or fractions that add up to 1."
        )
    order = randperm(sum(lengths), generator=generator).tolist()  # type: ignore[arg-type]
    ends = itertools.accumulate(lengths)
    return [Subset(dataset, order[end - length : end]) for end, length in zip(ends, lengths, strict=True)]


def _whole_lengths(fractions: Sequence[float], total: int) -> list[int]:
    for position, fraction in enumerate(fractions):
        if not 0 <= fraction <= 1:
            raise ValueError(f"a fraction lies between 0 and 1, but fraction {position} is {fraction}")
    lengths = [math.floor(total * fraction) for fraction in fractions]
    for i in range(total - sum(lengths)):
        lengths[i % len(lengths)] += 1
    return lengths
