"""The DataLoader: a dataset and an order of its samples become batches.

Mirrors: torch/utils/data/dataloader.py
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice, repeat
from typing import Any

from ...random import Generator
from .collate import default_collate, default_convert
from .dataset import IterableDataset, TensorDataset, samples
from .sampler import BatchSampler, RandomSampler, SequentialSampler, draw_seed

_FIXED = {"dataset", "batch_size", "sampler", "batch_sampler", "drop_last"}


class DataLoader:
    """Batches of a dataset, in a new order every time they are iterated over if ``shuffle``.

    Worker processes are not made: batches come from the process itself, in the same order. So ``num_workers``,
    ``pin_memory``, ``timeout``, ``worker_init_fn``, ``multiprocessing_context``, ``prefetch_factor``,
    ``persistent_workers``, ``pin_memory_device`` and ``in_order`` are accepted, that programs may run as they are, and
    change nothing; an IterableDataset is read once, however many workers are asked for.

    Args:
        dataset: what has ``__getitem__`` and ``__len__``, or an IterableDataset.
        batch_size: samples in a batch, the last of which may have fewer; None for single samples without a batch dimension.
        shuffle: a new random order each time.
        sampler: an iterable of indices, instead of ``shuffle``.
        batch_sampler: an iterable of lists of indices, instead of ``batch_size``, ``shuffle``, ``sampler``, ``drop_last``.
        collate_fn: makes a batch of a list of samples; ``default_collate`` if not given.
        drop_last: leave out a last batch that would be smaller.
        generator: where random numbers come from, instead of the global generator, see NOTE [Draws].

    Raises:
        ValueError: arguments that exclude each other, a batch size or number of samples that is not positive.
        TypeError: ``len()`` of a loader whose dataset or sampler has no length.

    >>> list(DataLoader([1.0, 2.0, 3.0], batch_size=2))
    [tensor([1., 2.], dtype=torch.float64), tensor([3.], dtype=torch.float64)]
    """

    def __init__(
        self,
        dataset: Any,
        batch_size: int | None = 1,
        shuffle: bool | None = None,
        sampler: Iterable[Any] | None = None,
        batch_sampler: Iterable[list[Any]] | None = None,
        num_workers: int = 0,
        collate_fn: Callable[[Any], Any] | None = None,
        pin_memory: bool = False,
        drop_last: bool = False,
        timeout: float = 0,
        worker_init_fn: Callable[[int], None] | None = None,
        multiprocessing_context: Any = None,
        generator: Generator | None = None,
        *,
        prefetch_factor: int | None = None,
        persistent_workers: bool = False,
        pin_memory_device: str = "",
        in_order: bool = True,
    ) -> None:
        if num_workers < 0:
            raise ValueError(f"num_workers={num_workers}: it must be at least 0, which means none")
        streams = isinstance(dataset, IterableDataset)
        if streams and (shuffle or sampler is not None or batch_sampler is not None):
            raise ValueError("an IterableDataset has an order of its own: leave out shuffle, sampler and batch_sampler")
        if sampler is not None and shuffle:
            raise ValueError("sampler and shuffle both say in which order to read; give one of them")
        if batch_sampler is not None:
            if batch_size != 1 or shuffle or sampler is not None or drop_last:
                raise ValueError("batch_sampler says it all: leave out batch_size, shuffle, sampler and drop_last")
            batch_size = None
        elif batch_size is None and drop_last:
            raise ValueError("drop_last=True with batch_size=None: without batches, none is the last")

        if sampler is None:
            if streams:
                sampler = repeat(None)
            else:
                sampler = RandomSampler(dataset, generator=generator) if shuffle else SequentialSampler(dataset)
        if batch_size is not None:
            batch_sampler = BatchSampler(sampler, batch_size, drop_last)
        self.dataset = dataset
        self.batch_size = batch_size
        self.drop_last = drop_last
        self.sampler = sampler
        self.batch_sampler = batch_sampler
        self.num_workers = num_workers
        self.generator = generator
        self.collate_fn = collate_fn or (default_convert if batch_sampler is None else default_collate)

    @property
    def _order(self) -> Iterable[Any]:
        return self.sampler if self.batch_sampler is None else self.batch_sampler

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _FIXED and name in self.__dict__:
            raise ValueError(f"{name} of a DataLoader cannot be changed once its samplers are made; make a new DataLoader")
        super().__setattr__(name, value)

    def __iter__(self) -> Iterator[Any]:
        return _Batches(self)

    def __len__(self) -> int:
        if not isinstance(self.dataset, IterableDataset):
            return len(self._order)  # type: ignore[arg-type]
        if self.batch_size is None:
            return len(self.dataset)  # type: ignore[arg-type]
        whole, rest = divmod(len(self.dataset), self.batch_size)  # type: ignore[arg-type]
        return whole if self.drop_last or not rest else whole + 1


class _Batches:
    """One pass over the batches of a loader. An exception in a dataset leaves it able to go on with the next batch."""

    def __init__(self, loader: DataLoader) -> None:
        self.loader = loader
        self.batched = loader.batch_sampler is not None
        self.of_rows = self.batched and type(loader.dataset) is TensorDataset and loader.collate_fn is default_collate
        self.indices = iter(loader._order)
        draw_seed(loader.generator)
        self.stream = iter(loader.dataset) if isinstance(loader.dataset, IterableDataset) else None

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        index = next(self.indices)
        return self.loader.dataset.batch(index) if self.of_rows else self.loader.collate_fn(self._fetch(index))

    def _fetch(self, index: Any) -> Any:
        """What goes into one batch: a list of samples, or without batches one sample."""
        if self.stream is None:
            return samples(self.loader.dataset, index) if self.batched else self.loader.dataset[index]
        if not self.batched:
            return next(self.stream)
        batch = list(islice(self.stream, len(index)))
        if not batch or (self.loader.drop_last and len(batch) < len(index)):
            raise StopIteration
        return batch

    def __len__(self) -> int:
        return len(self.loader)


def get_worker_info() -> None:
    """None, which in PyTorch says that this is not a worker process: there are none."""
    return None
