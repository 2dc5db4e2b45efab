"""What tests share: the device of the torch side."""

from collections import Counter

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
    parser.addoption("--fuzz", type=int, default=2000, help="how many random programs both engines run")
    parser.addoption("--fuzz-from", type=int, default=0, help="the seed of the first random program")
    parser.addoption(
        "--all-samples", action="store_true", help="run every sample that PyTorch publishes, not only the first"
    )


@pytest.fixture(scope="session")
def device(request: pytest.FixtureRequest) -> torch.device:
    """The device of the torch side; minigrad always computes on the CPU."""
    return choose_device(request.config.getoption("--device"))


_opinfo: Counter[str] = Counter()


@pytest.fixture(scope="session")
def opinfo_count() -> Counter[str]:
    """How many of PyTorch's published samples were run, were equal, were left out for which reason."""
    return _opinfo


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _opinfo:
        terminalreporter.section("samples that PyTorch publishes")
        for what, count in _opinfo.most_common():
            terminalreporter.line(f"{count:7} {what}")
