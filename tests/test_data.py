"""Datasets, samplers and batches: the same program under both engines gives the same batches and leaves the same stream."""

import collections
import re
import types
import warnings

import numpy as np
import pytest
import torch

import minigrad

Point = collections.namedtuple("Point", ["x", "label"])


class Frozen(collections.abc.Mapping):
    """A mapping that cannot be changed, but made anew of a dict."""

    def __init__(self, values):
        self.values_ = values

    def __getitem__(self, key):
        return self.values_[key]

    def __iter__(self):
        return iter(self.values_)

    def __len__(self):
        return len(self.values_)


class Tagged(dict):
    tag = "kept"


def plain(value):
    """A structure of tensors as one that two engines can be compared by."""
    if isinstance(value, (torch.Tensor, minigrad.Tensor)):
        return "tensor", str(value.dtype), tuple(value.shape), value.tolist(), value.requires_grad
    if isinstance(value, dict):
        return type(value).__name__, {key: plain(element) for key, element in value.items()}
    if isinstance(value, collections.abc.Mapping):
        return type(value).__name__, {key: plain(value[key]) for key in value}
    if isinstance(value, (list, tuple, collections.deque)):
        return type(value).__name__, [plain(element) for element in value]
    return type(value).__name__, value


def outcome(engine, program, seed):
    """What a program returns, or the type of what it raises, and the next number of the global generator."""
    engine.manual_seed(seed)
    try:
        result = plain(program(engine, engine.utils.data))
    except Exception as error:
        result = type(error)
    return result, engine.rand(1).item()


def assert_same(program, seed=0):
    expected = outcome(torch, program, seed)
    assert outcome(minigrad, program, seed) == expected
    return expected[0]


def rows(engine, n=23):
    data = np.arange(3 * n, dtype=np.float32).reshape(n, 3)
    return engine.utils.data.TensorDataset(engine.tensor(data), engine.tensor(np.arange(n)))


def stream(engine, n=7):
    class Stream(engine.utils.data.IterableDataset):
        def __iter__(self):
            return iter(range(n))

    return Stream()


class Squares:
    """A dataset without a base class, with randomness of its own in each sample."""

    def __init__(self, engine, n):
        self.engine, self.n = engine, n

    def __len__(self):
        return self.n

    def __getitem__(self, index):
        return {"x": index**2, "noise": self.engine.rand(2)}


def epochs(loader, count=3):
    return [list(loader) for _ in range(count)]


LOADERS = {
    "in order": lambda e, d: d.DataLoader(rows(e), batch_size=5),
    "one by one": lambda e, d: d.DataLoader(rows(e)),
    "shuffled": lambda e, d: d.DataLoader(rows(e), batch_size=5, shuffle=True),
    "shuffled, whole batches": lambda e, d: d.DataLoader(rows(e), batch_size=5, shuffle=True, drop_last=True),
    "batch larger than data": lambda e, d: d.DataLoader(rows(e), batch_size=50, shuffle=True),
    "nothing left": lambda e, d: d.DataLoader(rows(e), batch_size=50, drop_last=True),
    "own generator": lambda e, d: d.DataLoader(rows(e), 4, True, generator=e.Generator().manual_seed(5)),
    "workers asked for": lambda e, d: d.DataLoader(
        rows(e), 5, shuffle=True, num_workers=0 if e is torch else 2, pin_memory=False
    ),
    "without batches": lambda e, d: d.DataLoader(rows(e), batch_size=None, shuffle=True),
    "without batches, of arrays": lambda e, d: d.DataLoader([{"a": np.ones(2), "s": "b", "n": 3}], batch_size=None),
    "sampler": lambda e, d: d.DataLoader(rows(e), 4, sampler=d.RandomSampler(range(23), num_samples=50)),
    "sampler that repeats": lambda e, d: d.DataLoader(rows(e), 4, sampler=d.RandomSampler(range(23), True, 70)),
    "sampler with generator": lambda e, d: d.DataLoader(
        rows(e), 4, sampler=d.RandomSampler(range(23), generator=e.Generator().manual_seed(1))
    ),
    "subset sampler": lambda e, d: d.DataLoader(rows(e), 2, sampler=d.SubsetRandomSampler([3, 1, 4, 15, 9])),
    "weighted sampler": lambda e, d: d.DataLoader(rows(e), 2, sampler=d.WeightedRandomSampler([0.2, 3, 0.5, 1], 9)),
    "weighted sampler, each once": lambda e, d: d.DataLoader(
        rows(e), 2, sampler=d.WeightedRandomSampler([0.2, 3, 1], 2, False)
    ),
    "indices as sampler": lambda e, d: d.DataLoader(rows(e), 2, sampler=[4, 2, -1]),
    "batch sampler": lambda e, d: d.DataLoader(rows(e), batch_sampler=d.BatchSampler(d.RandomSampler(range(23)), 6, True)),
    "batches as batch sampler": lambda e, d: d.DataLoader(rows(e), batch_sampler=[[1, 2], [5], [0, 0, 0]]),
    "tensors as batch sampler": lambda e, d: d.DataLoader(rows(e), batch_sampler=e.tensor([[1, 2], [-1, 0]])),
    "tuples as batch sampler": lambda e, d: d.DataLoader(rows(e), batch_sampler=[(1, 2), (3,)]),
    "collate_fn": lambda e, d: d.DataLoader(rows(e), 6, shuffle=True, collate_fn=lambda batch: [len(batch), batch[0]]),
    "a list": lambda e, d: d.DataLoader([0.5, 1.5, 2.5], 2, shuffle=True),
    "random samples": lambda e, d: d.DataLoader(Squares(e, 7), 3, shuffle=True),
    "stream": lambda e, d: d.DataLoader(stream(e), 3),
    "stream, whole batches": lambda e, d: d.DataLoader(stream(e), 3, drop_last=True),
    "stream without batches": lambda e, d: d.DataLoader(stream(e), None),
    "subset": lambda e, d: d.DataLoader(d.Subset(rows(e), [5, 3, 8, 1]), 3, shuffle=True),
    "subset of subset": lambda e, d: d.DataLoader(d.Subset(d.Subset(rows(e), [5, 3, 8, 1]), [2, 0]), 2),
    "concatenated": lambda e, d: d.DataLoader(rows(e, 4) + rows(e, 3), 3, shuffle=True),
    "split": lambda e, d: d.DataLoader(d.random_split(rows(e), [20, 3])[0], 6, shuffle=True),
}


@pytest.mark.parametrize("seed", [0, 1, 2**40 + 7])
@pytest.mark.parametrize("name", LOADERS)
def test_batches_of_three_epochs_are_those_of_torch(name, seed):
    result = assert_same(lambda e, d: epochs(LOADERS[name](e, d)), seed)
    assert not isinstance(result, type), f"torch refuses this loader: {result}"


@pytest.mark.parametrize("name", LOADERS)
def test_length_is_that_of_torch(name):
    assert_same(lambda e, d: len(LOADERS[name](e, d)))
    assert_same(lambda e, d: len(iter(LOADERS[name](e, d))))


def test_a_seed_is_drawn_when_an_iteration_starts_and_another_with_the_first_batch():
    def program(engine, data):
        loader = data.DataLoader(rows(engine), 5, shuffle=True)
        draws = [engine.rand(1)]
        batches = iter(loader)
        draws.append(engine.rand(1))
        draws.append(next(batches))
        draws.append(engine.rand(1))
        return [*draws, *batches]

    assert_same(program)


@pytest.mark.parametrize("replacement", [False, True])
def test_a_sampler_draws_no_more_than_it_needs_at_the_moment(replacement):
    def program(engine, data):
        generator = engine.Generator().manual_seed(3)
        indices = iter(data.RandomSampler(range(20), replacement, 75, generator))
        draws = []
        for index in indices:
            draws += [index, engine.rand(1, generator=generator)]
        return draws, engine.rand(1, generator=generator)

    assert_same(program)


def test_two_iterations_at_once_do_not_disturb_each_other():
    def program(engine, data):
        loader = data.DataLoader(rows(engine), 5, shuffle=True)
        return list(zip(loader, loader, strict=True))

    assert_same(program)


def test_iteration_goes_on_after_a_sample_that_fails():
    def program(engine, data):
        class Holes(data.Dataset):
            def __len__(self):
                return 6

            def __getitem__(self, index):
                return index if index != 2 else 1 / 0

        batches = iter(data.DataLoader(Holes(), 2))
        read = [next(batches)]
        with pytest.raises(ZeroDivisionError):
            next(batches)
        return read + list(batches)

    assert_same(program)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("lengths", [[7, 3], [10], [0, 10], [0.5, 0.5], [0.7, 0.2, 0.1], [1 / 3, 1 / 3, 1 / 3], [1.0]])
def test_random_split(lengths, seed):
    assert_same(lambda e, d: [(list(part), part.indices) for part in d.random_split(range(10), lengths)], seed)
    assert_same(
        lambda e, d: [list(part) for part in d.random_split(range(10), lengths, generator=e.Generator().manual_seed(seed))]
    )


@pytest.mark.parametrize("engine", [torch, minigrad])
def test_a_fraction_without_samples_warns(engine):
    with pytest.warns(UserWarning, match="1.* 0|1 of 2"):
        parts = engine.utils.data.random_split(range(3), [0.9, 0.1])
    assert [len(part) for part in parts] == [3, 0]


@pytest.mark.parametrize(
    "batch",
    [
        [1.5, 2.5],
        [1, 2],
        [True, False],
        [1, 2.5],
        [np.float32(1.5), np.float32(2)],
        [np.float64(1.5), np.float64(2)],
        [np.int16(3), np.int16(4)],
        [np.bool_(True), np.bool_(False)],
        [np.arange(3), np.arange(3)],
        [np.float32([[1, 2]]), np.float32([[3, 4]])],
        [np.array(1.5), np.array(2.5)],
        ["a", "b"],
        [b"a", b"b"],
        [np.str_("a"), np.str_("b")],
        [(1, 2.0), (3, 4.0)],
        ((1, 2.0), (3, 4.0)),
        [[1, 2.0], [3, 4.0]],
        [[], []],
        [Point(1.0, "a"), Point(2.0, "b")],
        [{"a": 1, "b": (2.0, "x")}, {"b": (3.0, "y"), "a": 4, "c": 5}],
        [{}, {}],
        [Tagged(a=1), Tagged(a=2)],
        [Frozen({"a": 1}), Frozen({"a": 2})],
        [range(3), range(3)],
        [collections.OrderedDict(a=[1]), collections.OrderedDict(a=[2])],
        [collections.deque([1, 2]), collections.deque([3, 4])],
        # what no batch can be made of
        [],
        [None, None],
        [object(), object()],
        [np.array(["a"]), np.array(["b"])],
        [np.array([None]), np.array([None])],
        [(1, 2), (3,)],
        [[1], [2, 3]],
        [np.zeros(2), np.zeros(3)],
        [{"a": 1}, {"b": 1}],
        [{1, 2}, {3}],
    ],
    ids=lambda batch: re.sub(" at 0x[0-9a-f]+", "", repr(batch)),
)
def test_collate(batch):
    assert_same(lambda e, d: d.default_collate(batch))


def test_collate_keeps_what_a_subclass_of_dict_has():
    batch = [Tagged(a=1), Tagged(a=2)]
    batch[0].tag = "own"
    assert [engine.utils.data.default_collate(batch).tag for engine in (torch, minigrad)] == ["own", "own"]
    assert batch[0] == {"a": 1}


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "bool"])
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 2)])
def test_collate_of_tensors(dtype, shape):
    array = np.ones(shape, dtype)
    assert_same(lambda e, d: d.default_collate([e.tensor(array), e.tensor(array * 0)]))


def test_collate_of_tensors_of_different_type_or_shape():
    assert_same(lambda e, d: d.default_collate([e.tensor([1, 2]), e.tensor([1.5, 2.5])]))
    assert_same(lambda e, d: d.default_collate([e.tensor(2), e.tensor(1.5)]))
    assert_same(lambda e, d: d.default_collate([e.tensor([1.0, 2.0]), e.tensor([1.5])]))
    assert_same(lambda e, d: d.default_collate([e.tensor([1.0, 2.0]), 3]))


def test_gradients_reach_the_tensors_of_a_dataset():
    def program(engine, data):
        weights = engine.tensor(np.float32([[1, 2], [3, 4], [5, 6]]), requires_grad=True)
        for (batch,) in data.DataLoader(data.TensorDataset(weights), batch_size=2):
            (batch * batch).sum().backward()
        return weights.grad, batch, batch.grad_fn.name()

    assert_same(program)


def test_a_batch_shares_no_memory_with_the_dataset_but_a_sample_does():
    def program(engine, data):
        dataset = rows(engine)
        (batch, _) = next(iter(data.DataLoader(dataset, 2)))
        batch.zero_()
        dataset[1][0].zero_()
        for sample, _ in data.DataLoader(dataset, None, sampler=[2]):
            sample.zero_()
        for samples in data.DataLoader(dataset, sampler=[3], collate_fn=list):
            samples[0][0].zero_()
        return [dataset[i] for i in range(5)]

    assert_same(program)


def test_convert():
    sample = (
        np.arange(2),
        [np.float32(1), "a", b"b", 2],
        {"k": np.ones(1)},
        Point(np.zeros(1), None),
        range(2),
        np.array("s"),
    )
    assert_same(lambda e, d: d.default_convert(sample))
    array = np.zeros(2)
    minigrad.utils.data.default_convert(array).add_(1)
    assert array.tolist() == [1, 1]


def test_a_subclass_with_its_own_samples():
    def program(engine, data):
        class Negative(data.TensorDataset):
            def __getitem__(self, index):
                x, label = super().__getitem__(index)
                return -x, label

        parts = data.random_split(Negative(*rows(engine).tensors), [0.5, 0.5])
        return epochs(data.DataLoader(parts[0], 4, shuffle=True))

    assert_same(program)


def test_samples_of_several_indices_at_once():
    def program(engine, data):
        class Whole(data.Dataset):
            def __len__(self):
                return 9

            def __getitems__(self, indices):
                return [(index, len(indices)) for index in indices]

        return epochs(data.DataLoader(data.Subset(Whole(), range(2, 9)), 3)), data.Subset("abcde", [3, 1, 0])[1]

    assert_same(program)
    assert_same(lambda e, d: d.Subset(rows(e), [4, 2, 0])[[0, 2]])
    assert_same(lambda e, d: rows(e)[2:4])


def test_concatenated_datasets_by_every_index():
    def program(engine, data):
        joined = data.ConcatDataset([range(3), [], "ab"])
        return len(joined), joined.cumulative_sizes, [joined[i] for i in range(-5, 5)]

    assert_same(program)


REFUSED = {
    "tensors of different length": lambda e, d: d.TensorDataset(e.ones(3), e.ones(4)),
    "a dataset of a number": lambda e, d: d.TensorDataset(e.tensor(3.0)),
    "a dataset of arrays": lambda e, d: d.TensorDataset(np.ones(3)),
    "a row that is not there": lambda e, d: rows(e)[23],
    "a batch of rows that are not there": lambda e, d: list(d.DataLoader(rows(e), 2, sampler=[3, 99])),
    "a dataset without __getitem__": lambda e, d: d.Dataset()[0],
    "an iterable dataset without __iter__": lambda e, d: type("S", (d.IterableDataset,), {})(),
    "shuffle with sampler": lambda e, d: d.DataLoader(rows(e), shuffle=True, sampler=[1]),
    "batch size 0": lambda e, d: d.DataLoader(rows(e), 0),
    "negative batch size": lambda e, d: d.DataLoader(rows(e), -2),
    "batch size 2.0": lambda e, d: d.DataLoader(rows(e), 2.0),
    "batch size True": lambda e, d: d.DataLoader(rows(e), True),
    "drop_last='yes'": lambda e, d: d.DataLoader(rows(e), 2, drop_last="yes"),
    "negative workers": lambda e, d: d.DataLoader(rows(e), num_workers=-1),
    "drop_last without batches": lambda e, d: d.DataLoader(rows(e), None, drop_last=True),
    "batch_sampler with batch_size": lambda e, d: d.DataLoader(rows(e), 2, batch_sampler=[[1]]),
    "batch_sampler with shuffle": lambda e, d: d.DataLoader(rows(e), shuffle=True, batch_sampler=[[1]]),
    "batch_sampler with sampler": lambda e, d: d.DataLoader(rows(e), sampler=[1], batch_sampler=[[1]]),
    "batch_sampler with drop_last": lambda e, d: d.DataLoader(rows(e), drop_last=True, batch_sampler=[[1]]),
    "shuffled stream": lambda e, d: d.DataLoader(stream(e), shuffle=True),
    "stream with sampler": lambda e, d: d.DataLoader(stream(e), sampler=[1]),
    "stream with batch_sampler": lambda e, d: d.DataLoader(stream(e), batch_sampler=[[1]]),
    "length of a stream": lambda e, d: len(d.DataLoader(stream(e), 2)),
    "length with a sampler that has none": lambda e, d: len(d.DataLoader(rows(e), 2, sampler=iter([1]))),
    "shuffled nothing": lambda e, d: d.DataLoader([], shuffle=True),
    "an empty batch": lambda e, d: list(d.DataLoader(rows(e), batch_sampler=[[]])),
    "another batch size": lambda e, d: setattr(d.DataLoader(rows(e)), "batch_size", 5),
    "another dataset": lambda e, d: setattr(d.DataLoader(rows(e)), "dataset", []),
    "no samples to draw": lambda e, d: d.RandomSampler([1], num_samples=0),
    "half a sample to draw": lambda e, d: d.RandomSampler([1], num_samples=0.5),
    "replacement='no'": lambda e, d: d.RandomSampler([1], replacement="no"),
    "weights in two dimensions": lambda e, d: d.WeightedRandomSampler([[0.5], [0.5]], 1),
    "weighted: no samples": lambda e, d: d.WeightedRandomSampler([0.5], 0),
    "weighted: replacement=1": lambda e, d: d.WeightedRandomSampler([0.5], 1, 1),
    "weighted: more than there are": lambda e, d: list(d.WeightedRandomSampler([0.5], 2, False)),
    "weighted: negative": lambda e, d: list(d.WeightedRandomSampler([0.5, -1], 2)),
    "split into too few": lambda e, d: d.random_split(range(5), [1, 2]),
    "split into too much": lambda e, d: d.random_split(range(5), [0.6, 0.6]),
    "split with a negative fraction": lambda e, d: d.random_split(range(5), [1.5, -0.5]),
    "concatenating nothing": lambda e, d: d.ConcatDataset([]),
    "concatenating a stream": lambda e, d: d.ConcatDataset([stream(e)]),
    "before the first": lambda e, d: d.ConcatDataset(["ab"])[-3],
    "after the last": lambda e, d: d.ConcatDataset(["ab"])[2],
    "half a subset": lambda e, d: type("Half", (d.Subset,), {"__getitem__": lambda self, i: i})([1], [0]),
    "a sampler without an order": lambda e, d: iter(d.Sampler()),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals_are_those_of_torch(name):
    expected = assert_same(REFUSED[name])
    assert isinstance(expected, type), f"torch accepts this: {expected}"
    assert issubclass(expected, Exception)


@pytest.mark.parametrize("name", REFUSED)
def test_refusals_say_something(name):
    with pytest.raises(Exception, match=r"\w+ \w+ \w+"):
        REFUSED[name](minigrad, minigrad.utils.data)


def test_the_names_of_torch():
    names = [name for name in minigrad.utils.data.__all__ if not hasattr(torch.utils.data, name)]
    assert names == []
    assert isinstance(minigrad.utils.data, types.ModuleType)
    assert minigrad.utils.data.get_worker_info() is torch.utils.data.get_worker_info() is None
    assert minigrad.utils.data.Dataset[int]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        list(minigrad.utils.data.DataLoader([1, 2], num_workers=64, timeout=3, persistent_workers=True, prefetch_factor=2))
