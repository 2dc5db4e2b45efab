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
    double,
    dtype,
    float16,
    float32,
    float64,
    get_default_dtype,
    half,
    int8,
    int16,
    int32,
    int64,
    long,
    set_default_dtype,
    short,
    uint8,
)
from .dtypes import bool_ as bool
from .dtypes import float_ as float
from .dtypes import int_ as int
from .ops.creation import empty, ones, ones_like, rand, randn, tensor, zeros, zeros_like
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
from .ops.joining import cat, chunk, flip, roll, split, split_with_sizes, stack, tile, unbind
from .ops.linalg import addmm, bmm, dot, matmul, mm, mv, outer
from .ops.masking import masked_fill, masked_scatter, masked_select, nonzero, where
from .ops.pointwise import abs, add, div, exp, log, mul, neg, pow, relu, sigmoid, sqrt, sub, tanh
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
from .random import Generator, initial_seed, manual_seed, seed

concat = cat
moveaxis, swapaxes, swapdims = movedim, transpose, transpose
