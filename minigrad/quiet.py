"""Calling NumPy so that it does not warn.

NOTE [No NumPy warning]: PyTorch computes log(0) and 0/0 without a word, NumPy warns by default. So NumPy is called inside a
copy of a context in which it is quiet. That is cheaper than ``np.errstate``, holds in every thread, and neither reads nor
changes the settings of the user.

Mirrors: nothing; PyTorch never looks at the floating-point flags.
"""

import contextvars
from collections.abc import Callable
from typing import Any

import numpy as np

with np.errstate(all="ignore"):
    QUIET = contextvars.copy_context()


def quietly(function: Callable[..., Any], *arguments: Any) -> Any:
    """Call a function in which NumPy must not warn.

    >>> float(quietly(np.log, np.float32(0)))
    -inf
    """
    return QUIET.copy().run(function, *arguments)
