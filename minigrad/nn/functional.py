"""The functions behind the layers and losses.

Mirrors: torch/nn/functional.py
"""

from ..ops.activation import elu, hardtanh, leaky_relu, relu6, selu
from ..ops.activation import functional_relu as relu
from ..ops.binary_loss import binary_cross_entropy, binary_cross_entropy_with_logits
from ..ops.dropout import dropout
from ..ops.elementary import sigmoid
from ..ops.embedding import embedding, one_hot
from ..ops.likelihood import cross_entropy, kl_div, nll_loss
from ..ops.linalg import linear
from ..ops.loss import huber_loss, l1_loss, mse_loss, smooth_l1_loss
from ..ops.normalization import layer_norm
from ..ops.smooth import gelu, logsigmoid, silu, softplus, softsign, tanhshrink
from ..ops.softmax import functional_log_softmax as log_softmax
from ..ops.softmax import functional_softmax as softmax
from ..ops.softmax import softmin
from ..ops.trigonometry import tanh

__all__ = [
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "cross_entropy",
    "dropout",
    "elu",
    "embedding",
    "gelu",
    "hardtanh",
    "huber_loss",
    "kl_div",
    "l1_loss",
    "layer_norm",
    "leaky_relu",
    "linear",
    "log_softmax",
    "logsigmoid",
    "mse_loss",
    "nll_loss",
    "one_hot",
    "relu",
    "relu6",
    "selu",
    "sigmoid",
    "silu",
    "smooth_l1_loss",
    "softmax",
    "softmin",
    "softplus",
    "softsign",
    "tanh",
    "tanhshrink",
]
