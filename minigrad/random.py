"""PyTorch's CPU random stream on NumPy arrays: the same seed draws the same numbers.

Mirrors: aten/src/ATen/CPUGeneratorImpl.cpp, aten/src/ATen/native/cpu/DistributionTemplates.h

NOTE [Filling in place]
As in ATen, the primitives fill an array that exists, since all that decides the numbers belongs to the
target: its dtype (how many bits an element takes), its size (from 16 on, normals take another path) and its
strides (elements are visited in the order of memory, so a matrix and its transpose are filled alike).
``rand`` is ``uniform_`` of a new array, ``randn`` is ``normal_``, ``randint`` is ``random_``, a dropout mask
``bernoulli_``.

NOTE [Same bits on which processor]
Integers, coin flips and ``rand`` are the same everywhere. Where results are rounded, this file follows
PyTorch on x86 with AVX2 or AVX-512, that is Intel and AMD since about 2015: there a multiplication and the
addition after it are rounded once, together, and float32 normals from 16 elements on come from the
polynomials at the end of this file. Where PyTorch runs without AVX2, those normals, ``uniform_(a, b)`` and
``normal_(mean, std)`` differ in the last bits.
"""

from __future__ import annotations

import math
import os
import threading
from typing import Any

import numpy as np

from .autograd.variable import TensorBase, wrap
from .device import cpu
from .device import device as Device

Array = np.ndarray[Any, np.dtype[Any]]

_BLOCK = 624  # words that the Mersenne Twister makes at a time

# The two C structs in which PyTorch saves a generator: 5056 bytes with their padding.
_LEGACY_STATE = np.dtype(
    [
        *[("the_initial_seed", "u8"), ("left", "i4"), ("seeded", "i4"), ("next", "u8"), ("state", "u8", _BLOCK)],
        *[("normal_x", "f8"), ("normal_y", "f8"), ("normal_rho", "f8"), ("normal_is_valid", "i4")],
    ],
    align=True,
)
_STATE = np.dtype(
    [("legacy", _LEGACY_STATE), ("next_float_normal_sample", "f4"), ("is_next_float_normal_sample_valid", "?")],
    align=True,
)

# The C library's functions, as in PyTorch: on AVX-512 NumPy has its own, and they differ in the last bit.
_log = np.vectorize(math.log, otypes=[np.float64])
_log1p = np.vectorize(math.log1p, otypes=[np.float64])


class Generator:
    """A stream of random numbers: a Mersenne Twister, its seed and, at times, a normal left over from a pair.

    Threads may share a generator: each function draws once, guarded by NumPy's own lock, and what touches the
    left-over normal too holds ``mutex``.

    >>> a, b = Generator().manual_seed(0), Generator().manual_seed(0)
    >>> bool((randperm(5, generator=a) == randperm(5, generator=b)).all())
    True
    """

    device = cpu

    def __init__(self, device: Any = "cpu") -> None:
        if Device(device).type != "cpu":
            raise RuntimeError(f"a generator draws on the CPU, but device={device!r}; write Generator()")
        self.mutex = threading.RLock()
        self.manual_seed(67280421310721)  # PyTorch's default: a prime, the larger factor of 2**64 + 1

    def manual_seed(self, seed: int) -> Generator:
        """Restart the stream from ``seed`` and return the generator.

        Seeds run from -2**63 to 2**64 - 1, negative ones counting down from 2**64; only the low 32 bits
        choose the stream. ValueError beyond these limits, RuntimeError for anything but an integer.

        >>> Generator().manual_seed(-1).initial_seed() == 2**64 - 1
        True
        """
        if isinstance(seed, bool) or not isinstance(seed, int):
            # torch's type of error; TypeError would be Python's.
            raise RuntimeError(f"a seed is an int, but got {type(seed).__name__}")
        if not -(2**63) <= seed < 2**64:
            raise ValueError(f"a seed lies between -2**63 and 2**64 - 1, but got {seed}")
        with self.mutex:
            self._initial_seed = seed % 2**64
            self._twister: np.random.MT19937 | None = None
            self._next_normal: float | None = None
        return self

    @property
    def _engine(self) -> np.random.MT19937:
        """NumPy's Mersenne Twister, made for the first draw: a program that draws nothing need not wait for ``numpy.random``."""
        with self.mutex:
            if self._twister is None:
                words: Any = np.random.RandomState(self._initial_seed % 2**32).get_state(legacy=False)
                self._twister = np.random.MT19937()
                self._twister.state = words
            return self._twister

    def seed(self) -> int:
        """Restart the stream from 64 random bits of the operating system and return them.

        >>> g = Generator()
        >>> g.seed() == g.initial_seed()
        True
        """
        return self.manual_seed(int.from_bytes(os.urandom(8))).initial_seed()

    def initial_seed(self) -> int:
        """The seed that the stream was last started from.

        >>> Generator().initial_seed()
        67280421310721
        """
        return self._initial_seed

    def get_state(self) -> Any:
        """The state as a tensor of 5056 bytes, laid out as ``torch.Generator.get_state`` lays them out.

        >>> Generator().get_state().shape
        torch.Size([5056])
        """
        state = np.zeros(1, _STATE)
        legacy = state["legacy"]
        with self.mutex:
            words = self._engine.state["state"]
            legacy["the_initial_seed"], legacy["seeded"] = self._initial_seed, 1
            legacy["state"], legacy["left"] = words["key"], _BLOCK + 1 - words["pos"]
            # A fresh seed counts as a used-up block, and only then PyTorch writes 0 where NumPy has 624.
            fresh = words["pos"] == _BLOCK and words["key"][0] == self._initial_seed % 2**32
            legacy["next"] = 0 if fresh else words["pos"]
            if self._next_normal is not None:
                legacy["normal_y"], legacy["normal_is_valid"] = self._next_normal, 1
        return wrap(state.view(np.uint8))

    def set_state(self, new_state: Any) -> Generator:
        """Continue from what ``get_state`` returned, here or in PyTorch, and return the generator.

        TypeError unless it is a tensor of uint8, RuntimeError unless it is a valid state.

        >>> a = Generator()
        >>> b = Generator().set_state(a.get_state())
        >>> bool((randperm(5, generator=a) == randperm(5, generator=b)).all())
        True
        """
        if not isinstance(new_state, TensorBase) or new_state._array.dtype != np.uint8:
            raise TypeError("a state is a tensor of uint8; pass what get_state() returned")
        state = np.ascontiguousarray(new_state._array)
        if state.size != _STATE.itemsize:
            raise RuntimeError(f"a state has {_STATE.itemsize} bytes, but got {state.size}")
        legacy = state.view(_STATE)["legacy"][0]
        if legacy["seeded"] != 1 or not 0 < legacy["left"] <= _BLOCK or legacy["next"] > _BLOCK:
            raise RuntimeError("these bytes are no Mersenne Twister's; pass what get_state() returned")
        words: Any = {"key": legacy["state"].astype(np.uint32), "pos": _BLOCK + 1 - int(legacy["left"])}
        with self.mutex:
            self._initial_seed = int(legacy["the_initial_seed"])
            self._engine.state = {"bit_generator": "MT19937", "state": words}
            self._next_normal = float(legacy["normal_y"]) if legacy["normal_is_valid"] else None
        return self

    def clone_state(self) -> Generator:
        """A second generator at the same place of the same stream.

        >>> Generator().manual_seed(7).clone_state().initial_seed()
        7
        """
        return Generator().set_state(self.get_state())

    def _random(self, n: int) -> np.ndarray[Any, np.dtype[np.uint64]]:
        """``n`` numbers of 32 bits."""
        return self._engine.random_raw(n)

    def _random64(self, n: int) -> np.ndarray[Any, np.dtype[np.uint64]]:
        """``n`` numbers of 64 bits: two words each, the high one first."""
        high, low = self._engine.random_raw(2 * n).reshape(n, 2).T
        return high << np.uint64(32) | low

    def _uniform(self, n: int, dtype: Any) -> Array:
        """``n`` numbers of [0, 1): 53 bits of two words if float64, else 24 bits of one, as float32."""
        if dtype == np.float64:
            bits = self._random64(n) & np.uint64(2**53 - 1)
            return bits.astype(np.float64) * 2.0**-53
        bits = self._random(n) & np.uint64(2**24 - 1)
        return bits.astype(np.float32) * np.float32(2.0**-24)

    def _normal_pairs(self, n: int) -> Array:
        """``n`` float64 standard normals (Box and Muller), two by two; an odd one waits for the next call."""
        with self.mutex:
            waiting = [] if self._next_normal is None else [self._next_normal]
            pairs = (n - len(waiting) + 1) // 2
            u1, u2 = self._uniform(2 * pairs, np.float64).reshape(pairs, 2).T
            radius, theta = np.sqrt(-2 * _log1p(-u2)), 2 * math.pi * u1
            made = np.stack([radius * np.cos(theta), radius * np.sin(theta)], axis=1)
            z = np.concatenate([waiting, made.ravel()])
            self._next_normal = float(z[n]) if z.size > n else None
            return z[:n]

    def _normal_blocks(self, n: int, dtype: Any) -> Array:
        """``n >= 16`` standard normals, 16 at a time; if 16 does not divide n, the last 16 are drawn anew."""
        whole = n - n % 16
        # Half is made block by block; the others draw for all n first, so a partial block wastes some.
        drawn = whole if dtype == np.float16 else n
        u = self._uniform(drawn + (16 if whole < n else 0), dtype)
        z = np.empty(n, u.dtype)
        z[:whole] = _box_muller(u[:whole])
        if whole < n:
            z[-16:] = _box_muller(u[-16:])
        return z


default_generator = Generator()
default_generator.seed()


def manual_seed(seed: int) -> Generator:
    """Restart the default stream from ``int(seed)`` as ``Generator.manual_seed`` does; return its generator.

    >>> manual_seed(0).initial_seed()
    0
    """
    return default_generator.manual_seed(int(seed))


def seed() -> int:
    """Restart the default stream from 64 random bits of the operating system and return them.

    >>> seed() == initial_seed()
    True
    """
    return default_generator.seed()


def initial_seed() -> int:
    """The seed that the default stream was last started from.

    >>> _ = manual_seed(3)
    >>> initial_seed()
    3
    """
    return default_generator.initial_seed()


# --- distributions: NOTE [Filling in place] ---


def uniform_(out: Array, low: float = 0.0, high: float = 1.0, generator: Generator | None = None) -> Array:
    """Fill a float array of any shape from the uniform distribution on [low, high) and return it.

    RuntimeError if ``low > high``, or if a bound or their distance is no finite number of the dtype.

    >>> x = uniform_(np.empty((2, 3), np.float32), -1.0, 1.0)
    >>> bool((x >= -1).all() and (x < 1).all())
    True
    """
    largest = float(np.finfo(out.dtype).max)
    if not (-largest <= low <= high <= largest and high - low <= largest):
        raise RuntimeError(f"uniform_ draws from [low, high) in {out.dtype}, but got low={low}, high={high}")
    u = (generator or default_generator)._uniform(out.size, out.dtype)
    start, end = u.dtype.type(low), u.dtype.type(high)
    _store(out, _fma(u, end - start, start))
    out[out == out.dtype.type(high)] = low  # rounding may have reached the open end
    return out


def normal_(out: Array, mean: float = 0.0, std: float = 1.0, generator: Generator | None = None) -> Array:
    """Fill a float array of any shape from the normal distribution and return it.

    RuntimeError if ``std`` is negative or nan.

    >>> normal_(np.empty(2, np.float32), mean=3.0, std=0.0)
    array([3., 3.], dtype=float32)
    """
    if not std >= 0:
        raise RuntimeError(f"a standard deviation is not negative, but got std={std}")
    generator = generator or default_generator
    in_blocks = out.size >= 16 and out.flags.c_contiguous
    z = generator._normal_blocks(out.size, out.dtype) if in_blocks else generator._normal_pairs(out.size)
    return _store(out, _fma(z, std, mean))


def normal(mean: Array | float, std: Array | float, generator: Generator | None = None) -> Array:
    """A new array of normals, each of its own ``mean`` and ``std``; one may be a number, and they broadcast.

    The dtype is that of ``mean`` if it is an array, else that of ``std``. RuntimeError if a std is negative.

    >>> normal(np.array([1.0, 2.0, 3.0]), np.zeros(3))
    array([1., 2., 3.])
    """
    if not np.all(np.asarray(std) >= 0):
        raise RuntimeError("standard deviations are not negative, but std has some below 0")
    dtype = mean.dtype if isinstance(mean, np.ndarray) else np.asarray(std).dtype
    out = np.empty(np.broadcast_shapes(np.shape(mean), np.shape(std)), dtype)
    if isinstance(std, np.ndarray):
        normal_(out, generator=generator)
        out *= std
    else:
        normal_(out, 0.0, std, generator)
    out += mean
    return out


def bernoulli_(out: Array, p: Array | float, generator: Generator | None = None) -> Array:
    """Fill an array of any shape and dtype with ones, of probability ``p``, and zeros, and return it.

    ``p`` broadcasts to the array. A number or float64 array ``p`` takes 64 bits an element, other arrays 32.
    RuntimeError unless 0 <= p <= 1.

    >>> bernoulli_(np.empty(3, bool), 1.0)
    array([ True,  True,  True])
    """
    p = np.asarray(p)
    if not np.all((p >= 0) & (p <= 1)):
        raise RuntimeError("a probability lies between 0 and 1, but p has others; are they logits?")
    u = (generator or default_generator)._uniform(out.size, p.dtype)
    return _store(out, u < np.broadcast_to(p, out.shape).transpose(_visit_order(out)).ravel())


@np.errstate(all="ignore")
def random_(out: Array, low: int | None = None, high: int | None = None, generator: Generator | None = None) -> Array:
    """Fill an array of any shape and dtype with integers of [low, high) and return it.

    ``low`` defaults to 0. Without ``high`` the last integer is the largest of the dtype or, for floats, the
    last up to which all are exact (2**11, 2**24, 2**53). RuntimeError if [low, high) is empty or leaves the
    dtype.

    >>> random_(np.empty(4, np.int64), 5, 6)
    array([5, 5, 5, 5])
    """
    generator = generator or default_generator
    smallest, largest, last = _integers(out.dtype)
    first = low or 0
    if high is not None:
        last = high - 1
    if not smallest <= first <= last <= largest:
        raise RuntimeError(f"random_ draws from [low, high) in {out.dtype}, but got low={low}, high={high}")
    if out.dtype.kind == "f":
        first, last = _inside(first, last, out.dtype)
    span = last - first + 1
    # Without bounds the dtype decides how many bits a draw takes, with bounds their distance.
    wide = out.dtype in (np.int64, np.float64) if low is None and high is None else span >= 2**28
    r = generator._random64(out.size) if wide else generator._random(out.size)
    if low != -(2**63) or high is not None:
        r = r % np.uint64(span) + np.uint64(first % 2**64)  # modulo 2**64, where negatives come out right
    return _store(out, r.view(np.int64))


def exponential_(out: Array, lambd: float = 1.0, generator: Generator | None = None) -> Array:
    """Fill a float array of any shape from the exponential distribution of rate ``lambd`` and return it.

    RuntimeError unless ``lambd > 0``.

    >>> bool((exponential_(np.empty(4)) >= 0).all())
    True
    """
    if not lambd > 0:
        raise RuntimeError(f"a rate is above 0, but got lambd={lambd}")
    u = (generator or default_generator)._uniform(out.size, np.float64)
    return _store(out, -1.0 / lambd * _log1p(-u))


def randperm(n: int, dtype: Any = np.int64, generator: Generator | None = None) -> Array:
    """A new array of shape (n,) with 0 .. n - 1 in random order, by Fisher and Yates' shuffle.

    RuntimeError if ``n`` is negative or above what the dtype can count exactly.

    >>> sorted(randperm(5).tolist())
    [0, 1, 2, 3, 4]
    """
    if not 0 <= n <= _integers(np.dtype(dtype))[2] + 1:
        raise RuntimeError(f"randperm counts from 0 to n - 1 in {np.dtype(dtype)}, but got n={n}")
    choices = np.arange(n, 1, -1).astype(np.uint64)
    steps = (generator or default_generator)._random(choices.size) % choices
    order = list(range(n))
    for i, step in enumerate(steps.tolist()):
        order[i], order[i + step] = order[i + step], order[i]
    return np.array(order, dtype)


@np.errstate(all="ignore")
def multinomial(
    probs: Array, num_samples: int, replacement: bool = False, generator: Generator | None = None
) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Draw ``num_samples`` indices by weight: (k,) weights give (num_samples,), (rows, k) a row for each.

    RuntimeError if a weight is negative or not finite, if a row sums to 0, or if there are too few to draw
    without replacement. Without replacement, ties come in the order of their indices, which is not PyTorch's:
    weights of 0 when no others are left, and some float16.

    >>> multinomial(np.array([0.0, 2.0, 0.0]), 4, replacement=True)
    array([1, 1, 1, 1])
    """
    if probs.ndim not in (1, 2) or probs.dtype.kind != "f":
        raise RuntimeError(f"probs are floats of shape (k,) or (rows, k), not {probs.dtype} {probs.shape}")
    if num_samples <= 0 or (num_samples > probs.shape[-1] and not replacement):
        raise RuntimeError(f"cannot draw {num_samples} of {probs.shape[-1]} with replacement={replacement}")
    if not (np.isfinite(probs) & (probs >= 0)).all() or not probs.sum(-1).all():
        raise RuntimeError("weights are finite, not negative, and not all 0 in a row; these are not")
    if num_samples == 1 or not replacement:
        # A race in which index i arrives after an exponential time of rate probs[i]; the fastest come first.
        speed = probs / exponential_(np.empty_like(probs), generator=generator)
        order: np.ndarray[Any, np.dtype[np.int64]] = np.argsort(-speed, axis=-1, kind="stable")
        return order[..., :num_samples].copy()
    rows = np.atleast_2d(probs).astype(np.promote_types(probs.dtype, np.float32))
    cumulative = np.cumsum(rows, axis=-1)
    cumulative /= cumulative[:, -1:]
    cumulative[:, -1] = 1
    shape = len(rows), num_samples
    u = (generator or default_generator)._uniform(math.prod(shape), np.float64).reshape(shape)
    drawn = [np.searchsorted(*row) for row in zip(cumulative, u, strict=True)]
    return np.array(drawn, np.int64).reshape(*probs.shape[:-1], num_samples)


# --- what the distributions share ---


def _visit_order(out: Array) -> list[int]:
    """The dimensions of ``out`` from the largest stride to the smallest: its order in memory."""
    return sorted(range(out.ndim), key=lambda dim: -out.strides[dim])


@np.errstate(all="ignore")
def _store(out: Array, values: Array) -> Array:
    """Write a value into each element of ``out``, in the order of memory, and return it."""
    if out.dtype == np.float16:
        values = values.astype(np.float32)  # C++ goes from double to half through float, and so rounds twice
    target = out.transpose(_visit_order(out))
    target[...] = values.reshape(target.shape)
    return out


def _integers(dtype: np.dtype[Any]) -> tuple[int, int, int]:
    """The smallest and the largest integer that a dtype holds, and the last up to which it holds all."""
    if dtype.kind == "f":
        finite = np.finfo(dtype)
        return -int(finite.max), int(finite.max), 2 ** (finite.nmant + 1)
    if dtype.kind == "b":
        return 0, 1, 1
    return int(np.iinfo(dtype).min), int(np.iinfo(dtype).max), int(np.iinfo(dtype).max)


def _inside(first: int, last: int, dtype: np.dtype[Any]) -> tuple[int, int]:
    """Move integer bounds inwards by a float dtype's spacing where rounding could pass them."""
    digits = np.finfo(dtype).nmant + 1

    def rounded(n: int) -> int:
        return int(np.int64(n).astype(dtype).astype(np.int64))

    if rounded(first + 1) < first:
        first = rounded(first + 1) + 2 ** (abs(first + 1).bit_length() - digits)
    if rounded(last) > last:
        last = rounded(last) - 2 ** (abs(last).bit_length() - digits) - 1
    return first, last


@np.errstate(all="ignore")
def _fma(a: Array, b: Any, c: Any) -> Array:
    """``a * b + c`` rounded once, in the dtype of ``a``."""
    b, c = np.asarray(b, a.dtype), np.asarray(c, a.dtype)
    if a.dtype == np.float32:
        # In float64 the product is exact, and the sum is rounded far below the last bit of a float32.
        wide: Array = a.astype(np.float64) * b + c
        return wide.astype(np.float32)
    # In float64 the errors of product and sum are computed (Dekker, Knuth) and added last.
    product, (a1, a2), (b1, b2) = a * b, _halves(a), _halves(b)
    total = product + c
    part = total - product
    error = a2 * b2 - (product - a1 * b1 - a2 * b1 - a1 * b2) + (product - (total - part)) + (c - part)
    rounded: Array = total + error
    return rounded


def _halves(x: Any) -> tuple[Any, Any]:
    """Two numbers that sum to ``x``, with half its digits each, so that products of halves are exact."""
    high = (x.view(np.int64) & -(2**27)).view(np.float64)
    return high, x - high


def _box_muller(u: Array) -> Array:
    """Normals from uniforms: in each block of 16 the first 8 give a radius, the last 8 an angle."""
    u1, u2 = u.reshape(-1, 2, 8).swapaxes(0, 1)
    theta = u.dtype.type(2 * math.pi) * u2
    if u.dtype == np.float32:
        log, (sin, cos) = _log_float32(1 - u1), _sin_cos_float32(theta)
    else:
        log, (sin, cos) = _log(1 - u1), (np.sin(theta), np.cos(theta))
    radius = np.sqrt(-2 * log)
    return np.stack([radius * cos, radius * sin], axis=1).ravel()


# The coefficients of logf, sinf and cosf in Cephes (netlib.org/cephes), highest power first. Which steps
# below are fused, and which are not, decides the last bit: see NOTE [Same bits on which processor].
_LOG = [7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1]
_LOG += [-1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1]
_SIN = [-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1]
_COS = [2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2]
_LN2_HIGH, _LN2_LOW = 0.693359375, -2.12194440e-4  # their sum is log 2
_HALF_PI = [1.5703125, 4.837512969970703125e-4, 7.54978995489188216e-8]  # their sum is pi / 2


def _polynomial(x: Array, coefficients: list[float]) -> Array:
    y = np.full_like(x, coefficients[0])
    for c in coefficients[1:]:
        y = _fma(y, x, c)
    return y


def _log_float32(x: Array) -> Array:
    """log(2**e * (1 + m)) = e log 2 + log(1 + m), with 1 + m between sqrt(1/2) and sqrt(2)."""
    fraction, e = np.frexp(x)
    small = fraction < np.float32(math.sqrt(0.5))
    m = np.where(small, fraction + fraction, fraction) - 1
    e = (e - small).astype(np.float32)
    z = m * m
    y = _fma(_polynomial(m, _LOG) * m, z, e * np.float32(_LN2_LOW)) - z / 2
    return _fma(e, _LN2_HIGH, m + y)


def _sin_cos_float32(theta: Array) -> tuple[Array, Array]:
    """Sine and cosine of theta >= 0, by its distance x from the nearest multiple of pi / 2."""
    quarter = ((theta * np.float32(4 / math.pi)).astype(np.int32) + 1) // 2
    x = theta
    for part in _HALF_PI:
        x = _fma(quarter.astype(np.float32), -part, x)
    z: Array = x * x
    sin = _fma(_polynomial(z, _SIN) * z, x, x)
    cos = _fma(_polynomial(z, _COS) * z, z, -z / 2) + 1
    odd = quarter % 2 == 1
    sin, cos = np.where(odd, cos, sin), np.where(odd, sin, cos)
    return np.where(quarter & 2, -sin, sin), np.where((quarter + 1) & 2, -cos, cos)
