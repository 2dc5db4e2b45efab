# docs/programs/parity.py
import numpy as np

from reference.parity import parity


def loss_of(torch, x):
    class Scaled(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 10

        @staticmethod
        def backward(ctx, grad):
            return grad

    return (Scaled.apply(x) ** 2).sum()


parity(loss_of, np.array([1.0, 2.0]))
