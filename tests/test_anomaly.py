"""detect_anomaly stops where torch stops, and says which node made the nan, of what, and on which line."""

import re
from typing import Any

import pytest

import minigrad

from .on_both import on_both, raised

pytestmark = pytest.mark.filterwarnings("ignore:.*(nomaly|detect_anomaly)")


def at_zero(torch: Any) -> Any:
    return torch.tensor([0.0, 1.0], requires_grad=True)


@on_both
def test_a_node_that_makes_nan(torch: Any) -> Any:
    x = at_zero(torch)
    with torch.autograd.detect_anomaly():
        stopped = raised(lambda: (x.sqrt() * 0).sum().backward())
    with torch.autograd.detect_anomaly(check_nan=False):
        (x.sqrt() * 0).sum().backward()
    return stopped, x.grad.isnan()


@on_both
def test_nan_that_no_node_made(torch: Any) -> Any:
    x = at_zero(torch)
    nan = torch.full((2,), float("nan"))
    with torch.autograd.detect_anomaly():
        given = raised(lambda: (x * 2).backward(nan))
        y = x * 2
        y.register_hook(lambda grad: grad * nan)
        hooked = raised(lambda: y.sum().backward())
    return given, hooked


@on_both
def test_only_nodes_that_run_are_looked_at(torch: Any) -> Any:
    x = at_zero(torch)
    y = x.sqrt()
    with torch.autograd.detect_anomaly():
        short = raised(lambda: torch.autograd.grad((y * 0).sum(), y, retain_graph=True))
        whole = raised(lambda: torch.autograd.grad((y * 0).sum(), x))
    return short, whole


@on_both
def test_the_setting_ends_with_its_block(torch: Any) -> Any:
    x = at_zero(torch)

    def run() -> str:
        return raised(lambda: (x.sqrt() * 0).sum().backward())

    seen = [run()]
    with torch.autograd.set_detect_anomaly(True):
        seen.append(run())
        with torch.autograd.set_detect_anomaly(False):
            seen.append(run())
        seen.append(run())
    seen.append(run())
    torch.autograd.set_detect_anomaly(True)
    seen.append(run())
    torch.autograd.set_detect_anomaly(False)
    return [*seen, run()]


def test_entering_warns() -> None:
    with pytest.warns(UserWarning, match="to find a nan"), minigrad.autograd.detect_anomaly():
        pass


def test_the_message_names_node_line_and_values() -> None:
    x = minigrad.tensor([0.0, 1.0], requires_grad=True)
    root = x.sqrt()  # this line
    with minigrad.autograd.detect_anomaly(), pytest.raises(RuntimeError) as caught:
        (root * 0).sum().backward()
    text = str(caught.value)
    assert "SqrtBackward0 made the first nan" in text
    assert "gradient of its input 0" in text
    assert re.search(r"test_anomaly\.py:\d+ in .*root = x\.sqrt\(\)  # this line", text)
    assert "gradient in: [0.0, 0.0]" in text
    assert "saved result: [0.0, 1.0]" in text
