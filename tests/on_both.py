"""A test that is one program, run under both engines: whatever it returns must be equal."""

from collections.abc import Callable
from typing import Any

import torch

from reference import both, compare


def on_both(program: Callable[[Any], Any]) -> Callable[[torch.device], None]:
    """Make a test of a program of the module ``torch``: what it returns (tensors, numbers, texts) must agree to the bit."""

    def test(device: torch.device) -> None:
        report = compare(*both(program, device=device))
        assert report.findings
        assert report, str(report)

    test.__name__, test.__doc__, test.__module__ = program.__name__, program.__doc__, program.__module__
    return test


def raised(call: Callable[[], Any]) -> str:
    """The type of the exception that a call raises, or 'nothing'."""
    try:
        call()
    except Exception as error:
        return type(error).__name__
    return "nothing"
