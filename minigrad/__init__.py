"""minigrad: PyTorch's autograd, small enough to read in an evening."""

from .tensor import Tensor

# isort: split
# Only after the module `minigrad.tensor` has been imported may the function `tensor` take its name.
from . import autograd
from .autograd.grad_mode import enable_grad, is_grad_enabled, no_grad, set_grad_enabled
from .dtypes import *
from .ops.creation import ones, ones_like, tensor, zeros, zeros_like
from .ops.linalg import addmm, matmul, mm
