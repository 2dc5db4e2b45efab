"""The functions behind the layers and losses.

Mirrors: torch/nn/functional.py
"""

from ..ops.activation import elu, hardtanh, leaky_relu, relu6, selu
from ..ops.activation import functional_relu as relu
from ..ops.elementary import sigmoid
from ..ops.linalg import linear
from ..ops.loss import l1_loss, mse_loss
from ..ops.smooth import gelu, logsigmoid, mish, silu, softplus, softsign, tanhshrink
from ..ops.trigonometry import tanh

__all__ = [
    "elu",
    "gelu",
    "hardtanh",
    "l1_loss",
    "leaky_relu",
    "linear",
    "logsigmoid",
    "mish",
    "mse_loss",
    "relu",
    "relu6",
    "selu",
    "sigmoid",
    "silu",
    "softplus",
    "softsign",
    "tanh",
    "tanhshrink",
]
