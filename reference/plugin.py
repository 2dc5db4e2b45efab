"""What pytest loads wherever minigrad is installed: the fixture ``parity``. torch is imported when a test asks for it.

Mirrors: torch/testing/_internal/common_utils.py
"""

from collections.abc import Callable

import pytest


@pytest.fixture
def parity() -> Callable[..., None]:
    """``parity(fn, *inputs)``: ``fn`` does the same under minigrad and torch, and is derived rightly; see reference/parity.py."""
    try:
        from .parity import parity
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        pytest.fail(
            "parity compares with torch, which is not installed here: pip install 'minigrad[reference]'", pytrace=False
        )
    return parity
