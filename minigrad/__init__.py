"""minigrad: PyTorch's autograd, small enough to read in an evening."""

from .tensor import Tensor

# isort: split
# Only after the module `minigrad.tensor` has been imported may the function `tensor` take its name.
from . import autograd, nn, optim, utils
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
from .ops.casting import is_floating_point, is_nonzero, is_tensor, numel, result_type
from .ops.comparing import allclose, equal, is_same_size, isclose
from .ops.creation import (
    arange,
    as_tensor,
    asarray,
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
    scalar_tensor,
    tensor,
    zeros,
    zeros_like,
)
from .ops.creation import range_ as range
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
from .ops.gathering import (
    gather,
    index_add,
    index_copy,
    index_fill,
    index_select,
    scatter,
    scatter_add,
    take,
    take_along_dim,
)
from .ops.indexing import index_put, narrow, select
from .ops.integer import (
    bitwise_and,
    bitwise_left_shift,
    bitwise_not,
    bitwise_or,
    bitwise_right_shift,
    bitwise_xor,
    div,
    fmod,
    logical_and,
    logical_or,
    logical_xor,
    remainder,
)
from .ops.integer import floor_divide_any as floor_divide
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
from .ops.linalg import addmm, bmm, dot, matmul, mm, mv, outer
from .ops.masking import masked_fill, masked_scatter, masked_select, nonzero, where
from .ops.pointwise import abs, add, eq, exp, ge, gt, le, log, logical_not, lt, mul, ne, neg, pow, relu, sigmoid, sqrt, sub, tanh
from .ops.reduction import mean, sum
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
from .printing import get_printoptions, printoptions, set_printoptions
from .serialization import load, save
from .random import Generator, default_generator, initial_seed, manual_seed, seed

concat = cat
moveaxis, swapaxes, swapdims = movedim, transpose, transpose
