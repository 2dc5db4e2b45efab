"""print_graph, trace and the operators page: the same on a minigrad graph as on the torch graph of the same program."""

import contextlib
import io
import re
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import minigrad
from minigrad.operator import Operator
from minigrad.study import graph_text, print_graph, protocol, steps, trace
from minigrad.study.__main__ import COMMANDS, main
from minigrad.study.folding import fold
from minigrad.study.operators import page

from .study_programs import PROGRAMS, layers, own_function, regression, used_five_times

both = pytest.mark.parametrize("e", [minigrad, torch], ids=["minigrad", "torch"])
every_program = pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)

# Only minigrad knows the forward line of every node.
LINE = re.compile(r"  study_programs\.py:.*")


def shown(tool: Callable[..., Any], *arguments: Any, **options: Any) -> str:
    """What a tool prints."""
    with contextlib.redirect_stdout(io.StringIO()) as output:
        tool(*arguments, **options)
    return output.getvalue()


def lines_of(text: str) -> list[str]:
    """Lines as both engines have them.

    Of AsStridedBackward0 minigrad shows two more saved fields, the size and strides of what it was taken from.
    """
    kept, of_strided = [], False
    for line in LINE.sub("", text).splitlines():
        of_strided = "AsStridedBackward0  [" in kept[-1] if kept and not of_strided else of_strided and " gets " not in line
        if not of_strided:
            kept.append(line.rstrip())
    return kept


@every_program
def test_the_graph_reads_alike(program: Any) -> None:
    ours, theirs = (program(e, lambda loss: shown(print_graph, loss)) for e in (minigrad, torch))
    assert lines_of(ours) == lines_of(theirs)
    assert max(map(len, ours.splitlines())) <= 80
    assert ours.count(".grad [") == theirs.count(".grad [") > 0


@every_program
def test_the_trace_reads_alike(program: Any) -> None:
    ours, theirs = (program(e, lambda loss: shown(trace, loss)) for e in (minigrad, torch))
    assert lines_of(ours) == lines_of(theirs)
    assert "AccumulateGrad of " in ours
    assert max(map(len, ours.splitlines())) <= 80


@both
@every_program
def test_tracing_changes_no_gradient(program: Any, e: ModuleType) -> None:
    def leaves(loss: Any) -> list[Any]:
        return [variable for node in protocol.walk(loss) if (variable := protocol.leaf(node)) is not None]

    def plain(loss: Any) -> list[Any]:
        tensors = leaves(loss)
        loss.backward()
        return [tensor.grad.tolist() for tensor in tensors]

    def traced(loss: Any) -> list[Any]:
        tensors = leaves(loss)
        last = {id(protocol.leaf(step.node)): step.after for step in steps(loss) if step.is_leaf}
        assert [repr(last[id(tensor)].tolist()) for tensor in tensors] == [repr(tensor.grad.tolist()) for tensor in tensors]
        return [tensor.grad.tolist() for tensor in tensors]

    assert repr(program(e, plain)) == repr(program(e, traced))


@both
def test_the_regression_in_words(e: ModuleType) -> None:
    text = "\n".join(lines_of(regression(e, lambda loss: shown(trace, loss))))
    assert (
        """
  5  AccumulateGrad of b  []
     grad = -3.667  (from step 4)
     b.grad = -3.667  (it was None)
  6  MulBackward0  [3]
     grad = [-0.6667, -1, -2]  (from step 4)
     other = [1, 2, 3]  (saved, 12 bytes, freed after this step)
     self gets grad * other
         = -8.667, summed: [] was broadcast to [3]  → AccumulateGrad of w
  7  AccumulateGrad of w  []
     grad = -8.667  (from step 6)
     w.grad = -8.667  (it was None)

Named formulas are shown by: python -m minigrad.study operators PowBackward0"""
        in text
    )


def test_the_longest_way_is_not_indented() -> None:
    heads = [line.split("  ")[0] for line in layers(minigrad, graph_text).splitlines() if "Backward0  [" in line]
    assert heads == [
        "SumBackward0",
        "PowBackward0",
        "out = TanhBackward0",
        "MmBackward0",
        "hidden = ReluBackward0",
        "AddmmBackward0",
    ]
    text = used_five_times(minigrad, graph_text)
    assert "\n│ MulBackward0" in text
    assert "\nMulBackward0" in text
    text = regression(minigrad, graph_text)
    assert text.index("→ b.grad") < text.index("↓ self gets grad\nMulBackward0")


@both
def test_gradients_add_up(e: ModuleType) -> None:
    w = e.tensor(3.0, requires_grad=True)
    (w * -2.5).backward()
    text = shown(trace, w * -5.0)
    assert "w.grad: -2.5 += -5, now -7.5" in text
    h = w.exp()
    text = shown(trace, h * h)
    assert "grad = 40.17  (the sum of 2 gradients, from step 1)" in text


@both
def test_a_step_at_a_time_the_pass_really_stands_still(e: ModuleType) -> None:
    w, v = e.tensor(2.0, requires_grad=True), e.tensor(5.0, requires_grad=True)
    stepping = steps(w * v)
    first = next(stepping)
    assert first.name == "MulBackward0"
    assert (w.grad, v.grad) == (None, None)
    assert first.freed == ["other", "self"]
    assert [entry.state for entry in protocol.saved(first.node)] == ["freed", "freed"]
    assert next(stepping).variable == "w"
    assert w.grad.item() == 5.0
    assert v.grad is None
    assert next(stepping).variable == "v"
    assert v.grad.item() == 2.0
    assert next(stepping, None) is None


@both
def test_closing_stops_the_pass_and_takes_the_hooks_away(e: ModuleType) -> None:
    w = e.tensor(2.0, requires_grad=True)
    loss = w * w
    threads = threading.active_count()
    stepping = steps(loss, retain_graph=True)
    next(stepping)
    stepping.close()
    assert w.grad is None
    loss.backward()
    assert w.grad.item() == 4.0
    assert threading.active_count() == threads


@both
def test_an_error_in_the_pass_comes_out_of_the_iterator(e: ModuleType) -> None:
    threads = threading.active_count()
    w = e.tensor([2.0], requires_grad=True)
    y = w.exp()
    loss = (y * 3).sum()
    with e.no_grad():
        y.zero_()
    names = []
    with pytest.raises(RuntimeError):
        names += [step.name for step in steps(loss)]
    loss = (w * w).sum()
    loss.backward()
    with pytest.raises(RuntimeError):
        list(steps(loss))
    assert threading.active_count() == threads


@both
def test_what_is_retained_is_not_freed(e: ModuleType) -> None:
    w = e.tensor([2.0], requires_grad=True)
    loss = (w * w).sum()
    assert not any(step.freed for step in steps(loss, retain_graph=True))
    assert [step.freed for step in steps(loss)] == [[], ["other", "self"], []]


@both
@pytest.mark.filterwarnings("ignore:.*create_graph=True")  # of the cycle between a leaf and its recorded gradient
def test_a_pass_that_is_recorded_can_be_traced_too(e: ModuleType) -> None:
    w = e.tensor(2.0, requires_grad=True)
    *_, last = steps(w**3, create_graph=True)
    assert last.after.item() == 12.0
    (second,) = e.autograd.grad(w.grad, w)
    assert second.item() == 12.0


@both
def test_the_gradient_to_begin_with(e: ModuleType) -> None:
    w = e.tensor([1.0, 2.0], requires_grad=True)
    first, last = steps(w.clone(), e.tensor([10.0, 20.0]))
    assert first.gradients[0].tolist() == last.after.tolist() == [10.0, 20.0]


@both
def test_no_graph_a_leaf_an_integer(e: ModuleType) -> None:
    x, n, w = e.ones(3), e.tensor([1, 2]), e.ones(2, requires_grad=True)
    assert graph_text(x).startswith("there is no graph")
    assert graph_text(n).startswith("there is no graph")
    assert graph_text(w) == "w is a leaf: nothing made it, and a backward pass that reaches it adds to w.grad"
    with e.no_grad():
        assert graph_text(w).startswith("there is no graph")
    with pytest.raises(RuntimeError, match="no graph to go back through"):
        steps(x)
    with pytest.raises(TypeError, match="belongs to a tensor or a node"):
        graph_text(3.0)


@both
def test_several_roots_share_what_they_have_in_common(e: ModuleType) -> None:
    x = e.tensor([1.0, 2.0], requires_grad=True)
    h = x.exp()
    text = graph_text([h.sum(), h.cos(), h])
    assert text.startswith("4 nodes, 1 leaf, ")
    assert text.count("h = ExpBackward0") == 3
    assert text.count("h = ExpBackward0, see above") == 2


@both
def test_freed_and_changed_values_are_told(e: ModuleType) -> None:
    x = e.tensor([1.0, 2.0], requires_grad=True)
    y = x.exp()
    z = (y * y).sum()
    with e.no_grad():
        y.add_(1)
    assert "saved: result (changed in place)" in graph_text(z)
    loss = (x * x).sum()
    loss.backward()
    assert "other (freed), self (freed)" in graph_text(loss)


@both
def test_names_of_leaves(e: ModuleType) -> None:
    class Net(e.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.layer = e.nn.Linear(2, 1)

    net = Net()
    loose = [e.ones(1, requires_grad=True)]
    text = graph_text(net.layer(e.ones(3, 2)) * loose[0] * e.ones(1, requires_grad=True))
    for leaf in ("net.layer.weight.grad [1, 2]", "net.layer.bias.grad [1]", "loose[0].grad [1]", "leaf #"):
        assert leaf in text
    assert "→ layer.weight.grad" in graph_text(net.layer(e.ones(3, 2)), model=net)


@both
def test_names_inside_the_engine_are_not_the_users(e: ModuleType) -> None:
    """Below a hook lie frames of the engine, where the loss is called self."""
    found: list[dict[Any, str]] = []

    def hook(_: Any) -> None:
        found.append(protocol.names())

    w = e.tensor(2.0, requires_grad=True)
    square = w * w
    square.register_hook(hook)
    square.backward()
    assert found[0][square] == "square"


def test_odd_objects_in_the_frames_do_no_harm() -> None:
    class Unfinished(minigrad.nn.Module):
        def __init__(self) -> None:  # without super().__init__(): it has no parameters to ask for
            pass

    class Loud:
        def named_parameters(self, key: str) -> None:
            raise ValueError(key)

    unfinished, loud, itself = Unfinished(), Loud(), []  # type: ignore[var-annotated]
    itself.append(itself)
    w = minigrad.ones(1, requires_grad=True)
    view = w[:0]
    assert "w.grad [1]" in graph_text(view), (unfinished, loud)


@both
def test_hooks_of_the_user_are_seen(e: ModuleType) -> None:
    w = e.tensor(2.0, requires_grad=True)
    w.register_hook(lambda grad: grad * 10)
    multiplied, added = steps(w * 3)
    assert multiplied.sent[0].gradient.item() == 3.0
    assert added.gradients[0].item() == added.after.item() == 30.0


def deep(work: Callable[[], None]) -> None:
    """Run in a thread with a stack of 512 MB: PyTorch drops a graph that Python has walked by recursion."""
    failures: list[str] = []

    def guarded() -> None:
        try:
            work()
        except BaseException as error:
            failures.append(repr(error))  # the error itself would hold the graph, and let it be dropped elsewhere

    before = threading.stack_size(2**29)
    thread = threading.Thread(target=guarded)
    thread.start()
    thread.join()
    threading.stack_size(before)
    assert not failures


@both
def test_a_hundred_thousand_nodes(e: ModuleType) -> None:
    def work() -> None:
        w, b = e.tensor(1.0, requires_grad=True), e.tensor(0.0, requires_grad=True)
        h = w
        for _ in range(50_000):
            h = h * w + b
        text = graph_text(h)
        assert text.startswith("100,002 nodes, 2 leaves, ")
        assert "  50,000 times:\n    AddBackward0" in text
        assert len(text.splitlines()) < 15
        assert max(map(len, text.splitlines())) <= 80

    deep(work)


@both
def test_a_long_trace_shows_its_beginning_and_its_leaves(e: ModuleType) -> None:
    w, b = e.tensor(1.0, requires_grad=True), e.tensor(0.0, requires_grad=True)
    h = w
    for _ in range(1000):
        h = h * w + b
    out = shown(trace, h)
    left_out = [int(count.replace(",", "")) for count in re.findall(r"\.\.\. (.*) steps? more", out)]
    assert sum(left_out) + len(re.findall(r"^ *\d+  [AhM]", out, re.MULTILINE)) == 2002
    assert "  (the sum of 1,001 gradients, from steps 2 to 2001)" in out
    assert "w.grad = 1001  (it was None)" in out


@given(st.lists(st.sampled_from("abc"), max_size=60))
def test_folds_unfold(sequence: list[str]) -> None:
    unfolded = [each for start, length, times in fold(sequence) for each in sequence[start : start + length] * times]
    assert unfolded == sequence


def test_folds_are_short() -> None:
    assert len(fold("ab" * 1000 + "c" + "xyz" * 50)) == 3


def test_the_page_has_every_operator_and_fits() -> None:
    text = page([])
    assert max(map(len, text.splitlines())) <= 80
    shown_nodes = [operator.writer.node_name for operator in Operator.all if operator.writer.inputs]
    assert len(shown_nodes) > 200
    assert set(shown_nodes) >= {"MulBackward0", "AddmmBackward0", "NllLossBackward0", "CatBackward0"}
    for name in shown_nodes:
        assert name in text


def test_a_formula_on_the_page_is_that_of_the_code() -> None:
    text = page(["exp", "DivBackward0"])
    assert "exp(self) -> ExpBackward0" in text
    assert "self: grad * result" in text
    assert "def div_backward_other(grad" in text  # named formulas are shown with their source
    assert "tanh_backward(grad_output, result) -> TanhBackwardBackward0" in page(["tanh"])  # or as the operators they are


@every_program
def test_every_edge_has_a_formula(program: Any) -> None:
    ways = program(minigrad, lambda loss: [edge for node in protocol.walk(loss) for edge in protocol.edges(node)])
    assert ways
    assert all(edge.formula for edge in ways)


def test_an_unknown_node_of_torch_still_reads() -> None:
    x = torch.ones(1, 1, 4, requires_grad=True)
    text = graph_text(torch.nn.functional.conv1d(x, torch.ones(1, 1, 2)))
    assert "input[0] gets a gradient → x.grad [1, 1, 4] (AccumulateGrad)" in text


def test_torch_knows_lines_under_detect_anomaly() -> None:
    x = torch.ones(2, requires_grad=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that the mode is slow
        with torch.autograd.detect_anomaly(check_nan=False):
            y = x * 2
    assert "y = MulBackward0  [2]  test_study_text.py:" in graph_text(y)


def test_the_line_that_took_the_steps_is_the_one_that_freed_what_was_saved() -> None:
    w = minigrad.tensor(3.0, requires_grad=True)
    y = w * w
    list(steps(y))
    with pytest.raises(RuntimeError, match=r"freed by: test_study_text.py:\d+: list\(steps\(y\)\)"):
        y.backward()


PROGRAM = """import {engine} as e
import sys
w = e.tensor(3.0, requires_grad=True)
x = e.tensor(2.0)
y = w.detach() * 1
loss = w * x * int(sys.argv[1])
loss.backward()
print("after")
"""


@both
def test_command_line(e: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = sys.argv[:], sys.path[:]
    file = tmp_path / "program.py"
    file.write_text(PROGRAM.format(engine=e.__name__))
    assert main(["print-graph", str(file), "5"]) == 0
    printed = capsys.readouterr().out
    assert "w.grad [] (AccumulateGrad)" in printed
    assert "loss = MulBackward0" in printed
    assert "after" not in printed
    assert main(["trace", str(file), "5"]) == 0
    assert "w.grad = 10  (it was None)" in capsys.readouterr().out
    assert main(["why", "y", str(file), "5"]) == 0
    assert "y does not require grad because .detach() cut it off" in capsys.readouterr().out
    (tmp_path / f"helper_of_{e.__name__}.py").write_text("x = 1")
    file.write_text(f"import helper_of_{e.__name__}\n" + PROGRAM.format(engine=e.__name__))
    assert main(["why", "w", str(file), "5"]) == 0
    assert "w.grad is 10" in capsys.readouterr().out
    assert main(["why", "nothing", str(file), "5"]) == 1
    assert "has no variable 'nothing'" in capsys.readouterr().err
    file.write_text("print('hello')")
    assert main(["trace", str(file)]) == 1
    assert "never called backward()" in capsys.readouterr().err
    assert main(["trace"]) == main(["why"]) == 2
    assert main(["trace", "missing.py"]) == main(["why", "x", "missing.py"]) == 2
    assert capsys.readouterr().err.count("there is no file missing.py") == 2
    file.write_text("x = 1")
    assert main(["why", "x", str(file)]) == 1
    assert "x is no tensor but of type int" in capsys.readouterr().err
    file.write_text("x = 1\n1 / 0")
    with pytest.raises(ZeroDivisionError):
        main(["why", "x", str(file)])
    assert sys.getprofile() is None
    assert (sys.argv, sys.path) == before


def test_help_lists_every_command_in_80_columns(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == main([]) == 0
    printed = capsys.readouterr().out
    assert all(f"\n  {name} " in printed for name in COMMANDS)
    assert max(map(len, printed.splitlines())) <= 80
    assert main(["trace", "--help"]) == main(["why", "-h"]) == 0
    assert capsys.readouterr().out == printed
    assert main(["nonsense"]) == 2
    assert main(["operators", "nonsense"]) == 1
    assert main(["operators", "mul"]) == 0
    assert "MulBackward0" in capsys.readouterr().out


def test_the_tools_bring_neither_torch_nor_matplotlib_and_the_engine_brings_no_tool() -> None:
    code = "import sys, minigrad; assert 'minigrad.study' not in sys.modules; import minigrad.study; print([m for m in ('torch', 'matplotlib') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


def test_user_functions_are_named() -> None:
    assert "inputs[0] gets Scale.backward(ctx, grad)" in own_function(minigrad, graph_text)
    assert "(the sum of 5 gradients" in used_five_times(minigrad, lambda loss: shown(trace, loss))


@both
def test_a_factor_of_a_product_of_matrices_was_not_broadcast(e: ModuleType) -> None:
    weight, bias = e.ones(1, 1, requires_grad=True), e.ones(1, requires_grad=True)
    (shown, *_) = [str(step) for step in steps(e.addmm(bias, e.ones(3, 1), weight).sum()) if "Addmm" in step.name]
    assert shown.count("was broadcast") == 1
    assert "summed: [1] was broadcast to [3, 1]" in shown
