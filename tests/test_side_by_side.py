"""A program under both engines: what is the same counts as the same, and of each kind of difference the first is told."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
import torch

import minigrad
from minigrad.study.imports import swap_imports
from minigrad.study.side_by_side import SideBySide, side_by_side

PROGRAM = """\
import torch
ours = torch.__name__ == "minigrad"
w = torch.tensor([1.0, 2.0], requires_grad=True)
for step in range(3):
    w.grad = None
    {step}
print("the end")
"""


def compared(tmp_path: Path, step: str = "(w * w).sum().backward()", program: str = PROGRAM) -> SideBySide:
    path = tmp_path / "program.py"
    path.write_text(program.format(step=step))
    return side_by_side(path)


IMPORTS = {
    "import torch": "import minigrad as torch",
    "import torch as t": "import minigrad as t",
    "import torch.nn": "import minigrad.nn, minigrad as torch",
    "import torch.nn as nn": "import minigrad.nn as nn",
    "import sys, torch": "import sys, minigrad as torch",
    "from torch import nn, optim": "from minigrad import nn, optim",
    "from torch.nn import functional as F": "from minigrad.nn import functional as F",
    "def f():\n    import torch": "def f():\n    import minigrad as torch",
    "import minigrad as torch\nimport torchvision": "import minigrad as torch\nimport torchvision",
    "import torch\nfrom . import torch": "import minigrad as torch\nfrom . import torch",
    "import torch\nx = 'import torch'": "import minigrad as torch\nx = 'import torch'",
}


@pytest.mark.parametrize("source", IMPORTS)
def test_imports_are_swapped(source: str) -> None:
    assert ast.unparse(swap_imports("minigrad", source, "")) == IMPORTS[source]


def test_imports_are_swapped_the_other_way_but_for_the_tools() -> None:
    source = "import minigrad\nfrom minigrad import nn\nfrom minigrad.study import protocol"
    swapped = "import torch as minigrad\nfrom torch import nn\nfrom minigrad.study import protocol"
    assert ast.unparse(swap_imports("torch", source, "")) == swapped
    assert ast.unparse(swap_imports("minigrad", source, "")).replace(" as minigrad", "") == source


def test_the_same(tmp_path: Path) -> None:
    result = compared(tmp_path)
    assert result
    assert str(result).splitlines()[-1] == "the same. lines: 1; backward passes: 3, with 3 gradients; figures: 0"
    assert [backward.names for backward in result.ours.passes] == [["w"]] * 3


DIFFERENT = {
    "a line": ("print(step, step + (ours and step == 1))", "output: first difference in line 2"),
    "a line too many": ("print('a\\nb' if ours and step == 2 else 'a')", "output: first difference in line 4"),
    "a gradient": (
        "(w * (3 if ours and step == 1 else 2)).sum().backward()",
        "gradients: after backward pass 2, in line 6: w.grad is [3, 3]; [0] is 3.0, but under torch [2, 2]; [0] is 2.0",
    ),
    "a gradient in the last places": (
        "(w * ((2 + 2**-12) if ours else 2)).sum().backward()",
        "gradients: after backward pass 1, in line 6: w.grad is [2, 2]; [0] is 2.000244140625, but under torch [2, 2]; [0] is 2.0",
    ),
    "no gradient": (
        "w.requires_grad_(not ours); (w * torch.ones(2, requires_grad=True)).sum().backward()",
        "gradients: after backward pass 1, in line 6: 1 leaves, but under torch 2, in line 6",
    ),
    "a pass": ("ours and w.sum().backward()", "gradients: 3 backward passes, but under torch 0"),
    "by the function": ("torch.autograd.backward([w.sum() * (1 + ours)])", "gradients: after backward pass 1, in line 6"),
    "an error": ("ours and 1 / 0", "ending: ZeroDivisionError in line 6: division by zero, but under torch the end"),
    "an exit code": ("sys = __import__('sys'); sys.exit(3 if ours else 4)", "ending: exit 3, but under torch exit 4"),
    "a line of a figure": (
        "import matplotlib.pyplot as plt; plt.plot([1, 2 + ours]); plt.show(); plt.close()",
        "figures: figure 1, axes 0, Line2D 0 xydata",
    ),
    "points": (
        "import matplotlib.pyplot as plt; plt.scatter([1], [2 + ours])",
        "figures: figure 1, axes 0, PathCollection 0 offsets",
    ),
    "an image": (
        "import matplotlib.pyplot as plt; plt.imshow([[1, 2 + ours]])",
        "figures: figure 1, axes 0, AxesImage",
    ),
    "bars": ("import matplotlib.pyplot as plt; plt.bar([1], [2 + ours])", "figures: figure 1, axes 0, Rectangle 0 outline"),
    "a title": ("import matplotlib.pyplot as plt; plt.title(str(ours))", "figures: figure 1, axes 0, Text"),
    "a figure": ("import matplotlib.pyplot as plt; ours and plt.plot([1])", "figures: figure 1, axes 0"),
}


@pytest.mark.parametrize(("step", "found"), DIFFERENT.values(), ids=DIFFERENT.keys())
def test_each_kind_of_difference_is_found(step: str, found: str, tmp_path: Path) -> None:
    result = compared(tmp_path, step)
    assert not result
    differences = [text for text in result.differences() if not text.startswith("output: first difference in line 1")]
    assert differences[0].startswith(found), differences


def test_it_is_said_how_far_numbers_differ_and_what_else_is_the_same(tmp_path: Path) -> None:
    step = "w.sum().backward(); print('loss', 0.125 + ours * 2**-20, -3)"
    assert str(compared(tmp_path, step)).splitlines()[-2:] == [
        "output: first difference in line 1; the numbers differ by up to 9.5e-07",
        "all else is the same. backward passes: 3, with 3 gradients; figures: 0",
    ]
    result = compared(tmp_path, "print('ours' if ours else 'theirs')")
    assert result.differences() == ["output: first difference in line 1"]


def test_a_gradient_that_training_has_made_small_is_compared_at_the_scale_of_its_rounding(tmp_path: Path) -> None:
    step = "(w * (1e4 if step == 0 else 1e-3 if ours else 2e-3)).sum().backward()"
    assert compared(tmp_path, step)  # 1e4 has 1e-3 in its last places
    assert not compared(tmp_path, step.replace("1e4", "1"))
    assert not compared(tmp_path, step.replace("1e4", "float('nan')"))


def test_two_columns_of_80_characters(tmp_path: Path) -> None:
    lines = str(compared(tmp_path, "print('x' * 50, step, 'y' * (1 + (ours and step == 1)))")).splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0].split() == ["minigrad", "|", "torch"]
    at = next(number for number, line in enumerate(lines) if "first difference" in line)
    assert [" ! " in line for line in lines[2 : at + 3]] == [False, False, False, True, True]
    assert lines[at + 2] == f"{'x' * 12 + ' 1 yy':38} ! {'x' * 12} 1 y"


def test_neither_run_sees_the_other(tmp_path: Path) -> None:
    program = """\
import random, sys, numpy, torch
print(torch.rand(2), random.random(), numpy.random.rand(), sys.argv[1:], __name__, torch.is_grad_enabled())
print(torch.tensor(1 / 3), torch.get_default_dtype(), sys.modules["__main__"].torch is torch)
torch.set_printoptions(precision=2)
torch.set_default_dtype(torch.float64)
torch.set_grad_enabled(False)
"""
    argv, main = sys.argv, sys.modules["__main__"]
    states = torch.get_rng_state(), minigrad.get_rng_state()
    for _ in range(2):
        result = compared(tmp_path, program=program)
        assert result, str(result)
        assert "True" in result.ours.output[1]
    assert sys.argv is argv
    assert sys.modules["__main__"] is main
    assert torch.equal(states[0], torch.get_rng_state())
    assert minigrad.equal(states[1], minigrad.get_rng_state())
    assert torch.is_grad_enabled()
    assert minigrad.is_grad_enabled()


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from minigrad.study.__main__ import main

    path = tmp_path / "program.py"
    for source, code, text in [
        ("import torch\nprint(torch.ones(1))", 0, "the same."),
        ("import torch\nprint(torch.__name__)", 1, "first difference in line 1"),
        ("print(1)", 2, "imports neither"),
        ("import torch\nprint(", 2, "never closed"),
    ]:
        path.write_text(source)
        assert main(["side-by-side", str(path)]) == code
        printed = capsys.readouterr()
        assert text in (printed.err if code == 2 else printed.out)
    assert main(["side-by-side", str(tmp_path / "missing.py")]) == 2
    assert main(["side-by-side"]) == 2
    capsys.readouterr()


def test_without_torch_the_command_says_so(tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text("import torch")
    program = (
        "import sys; sys.modules['torch'] = None\nfrom minigrad.study.__main__ import main\n"
        f"sys.exit(main(['side-by-side', {str(path)!r}]))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert run.returncode == 2
    assert "pip install 'minigrad[reference]'" in run.stderr
    assert "Traceback" not in run.stderr
