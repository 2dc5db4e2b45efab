"""minigrad: PyTorch's autograd, small enough to read in an evening.

Mirrors: torch/__init__.py
"""

from .tensor import Tensor

# isort: split
# Only after the module `minigrad.tensor` has been imported may the function `tensor` take its name.
from . import autograd, linalg, nn, optim, return_types, utils
from .autograd.grad_mode import (
    enable_grad,
    inference_mode,
    is_grad_enabled,
    is_inference_mode_enabled,
    no_grad,
    set_grad_enabled,
)
from .device import device
from .dtypes import (
    Size,
    can_cast,
    double,
    dtype,
    finfo,
    float16,
    float32,
    float64,
    get_default_dtype,
    half,
    iinfo,
    int8,
    int16,
    int32,
    int64,
    long,
    promote_types,
    set_default_dtype,
    short,
    uint8,
)
from .dtypes import bool_ as bool
from .dtypes import float_ as float
from .dtypes import int_ as int
from .ops.activation import relu
from .ops.bounding import clamp, clamp_max, clamp_min, maximum, minimum, nan_to_num
from .ops.casting import is_floating_point, is_nonzero, is_tensor, numel, result_type
from .ops.choosing import eq, ge, gt, isfinite, isinf, isnan, isneginf, isposinf, le, logical_not, lt, ne
from .ops.comparing import allclose, equal, isclose
from .ops.creation import (
    arange,
    as_tensor,
    empty,
    empty_like,
    eye,
    from_numpy,
    full,
    full_like,
    linspace,
    logspace,
    ones,
    ones_like,
    tensor,
    zeros,
    zeros_like,
)
from .ops.diagonal import diag, diag_embed, diagonal, trace, tril, triu
from .ops.drawing import (
    bernoulli,
    get_rng_state,
    multinomial,
    normal,
    rand,
    rand_like,
    randint,
    randint_like,
    randn,
    randn_like,
    randperm,
    set_rng_state,
)
from .ops.einsum import einsum
from .ops.elementary import abs, erf, exp, exp2, expm1, log, log1p, log2, log10, logit, rsqrt, sgn, sigmoid, sign, sqrt
from .ops.extremes import amax, amin, argmax, argmin, max, median, min
from .ops.gathering import (
    gather,
    index_add,
    index_select,
    scatter,
    scatter_add,
    take_along_dim,
)
from .ops.indexing import index_put, narrow, select
from .ops.integer import (
    bitwise_and,
    bitwise_not,
    bitwise_or,
    bitwise_xor,
    logical_and,
    logical_or,
    logical_xor,
)
from .ops.joining import cat, chunk, flip, roll, split, split_with_sizes, stack, tile, unbind
from .ops.legacy import (
    BoolTensor,
    ByteTensor,
    CharTensor,
    DoubleTensor,
    FloatTensor,
    HalfTensor,
    IntTensor,
    LongTensor,
    ShortTensor,
)
from .ops.likelihood import xlogy
from .ops.linalg import addmm, addmv, bmm, dot, matmul, mm, mv, outer
from .ops.masking import masked_fill, masked_select, nonzero, where
from .ops.norm import norm
from .ops.ordering import argsort, sort, topk
from .ops.out import TAKE_OUT, with_out
from .ops.pointwise import add, addcdiv, addcmul, lerp, mul, neg, reciprocal, rsub, sub
from .ops.powers import pow, square
from .ops.reduction import all, any, count_nonzero, mean, prod, sum
from .ops.rounding import ceil, div, floor, fmod, frac, remainder, round, trunc
from .ops.rounding import floor_divide_any as floor_divide
from .ops.scan import cumprod, cumsum
from .ops.shape import (
    broadcast_to,
    clone,
    flatten,
    movedim,
    permute,
    reshape,
    squeeze,
    t,
    transpose,
    unflatten,
    unsqueeze,
)
from .ops.softmax import log_softmax, logsumexp, softmax
from .ops.spread import std, var, var_mean
from .ops.trigonometry import acos, acosh, asin, asinh, atan, atan2, atanh, cos, cosh, sin, sinh, tan, tanh
from .printing import get_printoptions, printoptions, set_printoptions
from .random import Generator, default_generator, initial_seed, manual_seed, seed
from .serialization import load, save

concat = cat
clip, true_divide = clamp, div
moveaxis, swapaxes, swapdims = movedim, transpose, transpose

for _name in TAKE_OUT.split():
    globals()[_name] = with_out(globals()[_name])
del TAKE_OUT, with_out
