"""Optimisers: rules that turn gradients into steps.

Mirrors: torch/optim/__init__.py
"""

from .adagrad import Adagrad
from .adam import Adam
from .adamax import Adamax
from .adamw import AdamW
from .asgd import ASGD
from .lbfgs import LBFGS
from .optimizer import Optimizer
from .rmsprop import RMSprop
from .rprop import Rprop
from .sgd import SGD

__all__ = ["ASGD", "LBFGS", "SGD", "Adagrad", "Adam", "AdamW", "Adamax", "Optimizer", "RMSprop", "Rprop"]
