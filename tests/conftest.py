"""What tests share: the device of the torch side."""

import pytest
import torch

from reference import choose_device


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--device",
        default="auto",
        choices=["auto", "cpu", "cuda"],
        help="where the torch side computes (auto: CUDA if there)",
    )
    parser.addoption("--fuzz", type=int, default=3000, help="how many random programs both engines run")
    parser.addoption("--fuzz-from", type=int, default=0, help="the seed of the first random program")


@pytest.fixture(scope="session")
def device(request: pytest.FixtureRequest) -> torch.device:
    """The device of the torch side; minigrad always computes on the CPU."""
    return choose_device(request.config.getoption("--device"))
