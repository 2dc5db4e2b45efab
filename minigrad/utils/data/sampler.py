"""Samplers: the order in which the samples of a dataset are read.

Mirrors: torch/utils/data/sampler.py

NOTE [Draws]
The order of batches is PyTorch's because each random number is drawn from the same generator at the same moment.
A DataLoader draws one number from the global generator (or its own) whenever an iteration starts: a seed for worker
processes, drawn even when there are none. A RandomSampler without a generator draws another when it is asked for its
first index, and that one seeds a generator which shuffles this epoch only. So the global generator moves by two draws in
an epoch however large the dataset is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Sized
from itertools import islice
from typing import Any, Generic, TypeVar

import numpy as np

from ...autograd.variable import wrap
from ...random import Generator, multinomial, random_, randperm

Index = TypeVar("Index", covariant=True)


def draw_seed(generator: Generator | None = None) -> int:
    """A seed of 63 random bits: what starts a stream of its own, see NOTE [Draws].

    >>> 0 <= draw_seed() < 2**63
    True
    """
    return int(random_(np.empty((), np.int64), generator=generator))


def _require_positive(value: Any, name: str) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        raise ValueError(f"{name}={value!r}: it must be an int above 0")


class Sampler(Generic[Index]):
    """An order of indices. A subclass writes ``__iter__``, and ``__len__`` if the number of indices is known."""

    def __iter__(self) -> Iterator[Index]:
        raise NotImplementedError(f"{type(self).__name__} is a Sampler without an __iter__(self) of its own")


class SequentialSampler(Sampler[int]):
    """All indices from first to last.

    >>> list(SequentialSampler("abc"))
    [0, 1, 2]
    """

    def __init__(self, data_source: Sized) -> None:
        self.data_source = data_source

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self.data_source)))

    def __len__(self) -> int:
        return len(self.data_source)


class RandomSampler(Sampler[int]):
    """All indices in random order, or ``num_samples`` of them; with ``replacement``, each drawn out of all.

    Without replacement, more samples than there are means one shuffle after another. Raises ValueError for a number of
    samples that is not positive, also when the data are empty, TypeError for a replacement that is no bool.

    >>> sorted(RandomSampler("abc"))
    [0, 1, 2]
    """

    def __init__(
        self,
        data_source: Sized,
        replacement: bool = False,
        num_samples: int | None = None,
        generator: Generator | None = None,
    ) -> None:
        if not isinstance(replacement, bool):
            raise TypeError(f"replacement={replacement!r}: it must be True or False")
        self.data_source = data_source
        self.replacement = replacement
        self._num_samples = num_samples
        self.generator = generator
        if not isinstance(self.num_samples, int) or self.num_samples <= 0:
            raise ValueError(f"num_samples={self.num_samples!r}: there must be at least one sample to draw")

    @property
    def num_samples(self) -> int:
        """How many indices are drawn: as many as there are data, at this moment, unless a number was given."""
        return len(self.data_source) if self._num_samples is None else self._num_samples

    def __iter__(self) -> Iterator[int]:
        n = len(self.data_source)
        generator = Generator().manual_seed(draw_seed()) if self.generator is None else self.generator
        # PyTorch draws blocks of 32, or whole shuffles, each when it is needed, and always a last part that may be empty.
        block = 32 if self.replacement else n
        whole, rest = divmod(self.num_samples, block)
        for size in [*[block] * whole, rest]:
            if self.replacement:
                yield from random_(np.empty(size, np.int64), 0, n, generator).tolist()
            else:
                yield from randperm(n, generator=generator).tolist()[:size]

    def __len__(self) -> int:
        return self.num_samples


class SubsetRandomSampler(Sampler[int]):
    """The given indices in random order.

    >>> sorted(SubsetRandomSampler([7, 3, 5]))
    [3, 5, 7]
    """

    def __init__(self, indices: Sequence[int], generator: Generator | None = None) -> None:
        self.indices = indices
        self.generator = generator

    def __iter__(self) -> Iterator[int]:
        for i in randperm(len(self.indices), generator=self.generator).tolist():
            yield self.indices[i]

    def __len__(self) -> int:
        return len(self.indices)


class WeightedRandomSampler(Sampler[int]):
    """``num_samples`` indices, each as probable as its weight is large; weights need not add up to 1.

    Raises ValueError for weights that are not one-dimensional, or settings of the wrong type.

    >>> list(WeightedRandomSampler([0.0, 2.0], 3))
    [1, 1, 1]
    """

    def __init__(
        self, weights: Sequence[float], num_samples: int, replacement: bool = True, generator: Generator | None = None
    ) -> None:
        _require_positive(num_samples, "num_samples")
        if not isinstance(replacement, bool):
            raise ValueError(f"replacement={replacement!r}: it must be True or False")
        self.weights = wrap(np.asarray(weights, np.float64))
        if self.weights.ndim != 1:
            raise ValueError(f"weights have shape {list(self.weights.shape)}: there must be one number per index")
        self.num_samples = num_samples
        self.replacement = replacement
        self.generator = generator

    def __iter__(self) -> Iterator[int]:
        yield from multinomial(self.weights.numpy(), self.num_samples, self.replacement, self.generator).tolist()

    def __len__(self) -> int:
        return self.num_samples


class BatchSampler(Sampler[list[int]]):
    """Lists of ``batch_size`` indices of a sampler; the last is shorter if need be, or with ``drop_last`` left out.

    >>> list(BatchSampler(range(5), batch_size=2, drop_last=False))
    [[0, 1], [2, 3], [4]]
    """

    def __init__(self, sampler: Iterable[int], batch_size: int, drop_last: bool) -> None:
        _require_positive(batch_size, "batch_size")
        if not isinstance(drop_last, bool):
            raise ValueError(f"drop_last={drop_last!r}: it must be True or False")
        self.sampler = sampler
        self.batch_size = batch_size
        self.drop_last = drop_last

    def __iter__(self) -> Iterator[list[int]]:
        indices = iter(self.sampler)
        while batch := list(islice(indices, self.batch_size)):
            if len(batch) == self.batch_size or not self.drop_last:
                yield batch

    def __len__(self) -> int:
        whole, rest = divmod(len(self.sampler), self.batch_size)  # type: ignore[arg-type]
        return whole if self.drop_last or not rest else whole + 1
