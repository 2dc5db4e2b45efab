"""Breaks minigrad on purpose, in one place at a time, and reports which breaks no test notices.

Run ``python -m tests.mutation`` (all), or choose: ``python -m tests.mutation autograd/engine.py --every 3``.

The tests are collected once, and run once to note which functions each of them calls. A mutant is then put into a child of
this process, in the place of the code that was imported, and meets only the tests that call the function it is in, the
quickest first, until one fails.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import os
import pickle
import resource
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Any, NamedTuple

import pytest
import torch

import minigrad

HOME = Path(__file__).parent.parent
OPERATOR_TESTS = ("pointwise", "operators", "graph", "indexing", "shape_ops", "reduction_values", "random", "opinfo")
ENGINE_TESTS = (
    *("backward", "order", "leaves", "graph_life", "hooks", "versions", "views_in_place", "grad_mode", "saving", "memory"),
    "fuzz",
)
# Mutants that compute the same, with the reason why no test can tell them from the formula.
EQUIVALENT = {
    "huber_double_backward: self - target -> ((target) - (self))": "only the size of the difference is asked for",
    "smooth_l1_double_backward: self - target -> ((target) - (self))": "only the size of the difference is asked for",
    "product_of_others: grad.expand_as(self) -> -(grad.expand_as(self))": "there are no elements to change the sign of",
    "without_padding: rows if padding_idx < 0 else rows.masked_fill((indices == padding_idx).unsqueeze(-1), 0) -> "
    "(rows.masked_fill((indices == padding_idx).unsqueeze(-1), 0))": "no position is negative, so nothing is masked",
    **dict.fromkeys(
        (
            "MseLossBackwardBackward0 self: lambda grad, grad_output, self, reduction: mse_factor(grad * grad_output, self, "
            "reduction) -> lambda grad, grad_output, target, reduction: mse_factor(grad * grad_output, target, reduction)",
            "MseLossBackwardBackward0 target: lambda grad, grad_output, self, reduction: -mse_factor(grad * grad_output, self, "
            "reduction) -> lambda grad, grad_output, target, reduction: -mse_factor(grad * grad_output, target, reduction)",
        ),
        "only the number of elements is asked for, which is that of the target; both are saved in any case",
    ),
}
# Functions of the forward computation that formulas call too: they are no formulas, and tests of values prove them.
FORWARD = {"as_dim", "to_dtype", "reduced"}
SECONDS = 100  # of computing, after which a mutant that runs forever is stopped, and so caught


class Mutant(NamedTuple):
    """A piece of a file, by position, what takes its place, and the line on which the function begins that it is in."""

    path: str
    start: int
    end: int
    text: str
    name: str
    line: int
    tests: tuple[str, ...]

    def applied(self) -> str:
        """The file with the change."""
        before = (HOME / self.path).read_text()
        return before[: self.start] + self.text + before[self.end :]


# --- derivative formulas ------------------------------------------------------------------------------------------------


class _Source:
    """The text of a file of operators, with positions of syntax nodes in it."""

    def __init__(self, path: Path) -> None:
        self.path, self.text = str(path.relative_to(HOME)), path.read_text()
        self.tree = ast.parse(self.text)
        self.starts = [0]
        for line in self.text.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))

    def span(self, node: ast.expr) -> tuple[int, int]:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self.starts[node.lineno - 1] + node.col_offset, self.starts[node.end_lineno - 1] + node.end_col_offset

    def of(self, node: ast.expr) -> str:
        start, end = self.span(node)
        return self.text[start:end]

    def differentiable(self) -> Iterator[tuple[str, int, dict[str, ast.expr]]]:
        """For each operator of this file: the name of its node, the line on which it begins, and its formulas by input."""
        for call in ast.walk(self.tree):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "differentiable" and call.args:
                formulas = {str(word.arg): word.value for word in call.keywords if word.arg not in ("outputs", "view")}
                yield ast.unparse(call.args[0]).strip("'"), call.lineno, formulas

    def mutant(self, where: str, line: int, node: ast.expr, text: str) -> Mutant:
        name = f"{where}: {' '.join(self.of(node).split())} -> {text}"
        return Mutant(self.path, *self.span(node), text, name, line, OPERATOR_TESTS)


def _changes(source: _Source, expression: ast.AST) -> Iterator[tuple[ast.expr, str]]:
    """What to put in the place of parts of a formula: a sign flipped, a factor dropped, operands swapped, a case ignored."""
    for node in ast.walk(expression):
        if isinstance(node, ast.BinOp):
            left, right = source.of(node.left), source.of(node.right)
            if isinstance(node.op, (ast.Mult, ast.Div)):
                yield node, f"({left})"
            if isinstance(node.op, ast.Mult):
                yield node, f"({right})"
            if isinstance(node.op, ast.Div):
                yield node, f"(({right}) / ({left}))"
            if isinstance(node.op, ast.Sub):
                yield node, f"(({right}) - ({left}))"
            if isinstance(node.op, ast.Add):
                yield node, f"(({left}) - ({right}))"
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and not isinstance(node.operand, ast.Constant):
            yield node, f"({source.of(node.operand)})"
        elif isinstance(node, ast.IfExp):
            yield node, f"({source.of(node.body)})"
            yield node, f"({source.of(node.orelse)})"
        elif isinstance(node, ast.Return) and node.value is not None and not isinstance(node.value, ast.Constant):
            for value in node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]:
                truth = isinstance(value, (ast.Compare, ast.BoolOp))
                yield value, f"(not ({source.of(value)}))" if truth else _broken(source.of(value))


def _names(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def formula_mutants() -> Iterator[Mutant]:
    """The mutants of all derivative formulas, and of the functions that they are written with."""
    sources = [_Source(path) for path in sorted((HOME / "minigrad" / "ops").glob("*.py"))]
    named: set[str] = set()
    for source in sources:
        for node_name, line, formulas in source.differentiable():
            for owner, formula in formulas.items():
                named |= _names(formula)
                if not isinstance(formula, ast.Lambda) or isinstance(formula.body, ast.Constant):
                    continue
                where = f"{node_name} {owner}"
                yield source.mutant(where, formula.lineno, formula.body, _broken(source.of(formula.body)))
                for node, text in _changes(source, formula.body):
                    yield source.mutant(where, formula.lineno, node, text)
                taken = {argument.arg for argument in formula.args.args}
                for old in sorted(taken & set(formulas)):
                    for new in sorted(set(formulas) - taken):
                        text = _renamed(source.of(formula), old, new)  # this changes what is saved: seen from the kernel on
                        yield source.mutant(where, line, formula, text)
    helpers = {
        function.name: (source, function)
        for source in sources
        for function in source.tree.body
        if isinstance(function, ast.FunctionDef)
        and not function.decorator_list
        and function.name not in FORWARD
        and not hasattr(minigrad, function.name)
    }
    reached: dict[str, None] = {}
    while named := (named & set(helpers)) - set(reached):
        reached |= dict.fromkeys(sorted(named))
        named = {name for helper in named for name in _names(helpers[helper][1])}
    for name in reached:
        source, function = helpers[name]
        for statement in function.body:
            for node, text in _changes(source, statement):
                yield source.mutant(name, function.lineno, node, text)


def _broken(formula: str) -> str:
    """Another value than the formula's; what is 0 has no sign to flip, and a refusal no value."""
    if formula.startswith("no_derivative"):
        return "grad"
    return formula.replace("zeros", "ones") if "zeros" in formula else f"-({formula})"


def _renamed(formula: str, old: str, new: str) -> str:
    tree = ast.parse(formula, mode="eval")
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id == old:
            node.id = new
        elif isinstance(node, ast.arg) and node.arg == old:
            node.arg = new
    return ast.unparse(tree)


# --- the engine ---------------------------------------------------------------------------------------------------------

ENGINE = [
    ("engine.py", "ready nodes: the one made first runs first", "(-next_node.sequence_nr, next_arrival()", "(next_node.sequence_nr, next_arrival()"),
    ("engine.py", "ready leaves: last come first served", "next_arrival(), next_node, waiting", "-next_arrival(), next_node, waiting"),
    ("graph.py", "an AccumulateGrad has to wait", 'sequence_nr = float("inf")', 'sequence_nr = float("-inf")'),
    ("engine.py", "a node waits for one gradient only", "dependencies[node] += 1", "dependencies[node] += 0"),
    ("engine.py", "gradients that meet are not added", "gradient = add_up(sum_so_far, gradient, (next_node, index), own_sums)", "pass"),
    ("engine.py", "a sum overwrites what somebody else holds", "if edge in own_sums:", "if not mode.enabled:"),
    ("engine.py", "a gradient is not summed to the shape of the input", "gradient = gradient.sum_to_size(shape)", "pass"),
    ("engine.py", "a gradient is not cast to the type of the input", "else gradient._cast(dtype)", "else gradient"),
    ("engine.py", "buffers are not released", "if not retain:", "if False:"),
    ("engine.py", "buffers are released in spite of retain_graph", "if not retain:", "if True:"),
    ("engine.py", "create_graph records nothing", "with GradMode(create_graph):", "with GradMode(False):"),
    ("engine.py", "every backward pass is recorded", "with GradMode(create_graph):", "with GradMode(True):"),
    ("engine.py", "the mode is not set back", "with GradMode(create_graph):", "if GradMode(create_graph):"),
    ("engine.py", "nodes run that lead to no input", "node if node in self.wanted else None", "node"),
    ("engine.py", "of several roots, those run that lead to no input", "captures is None or len(roots) == 1", "True"),
    ("engine.py", "a single root that leads to no input is not seen", "captures is None or len(roots) == 1", "captures is None"),
    ("engine.py", "captured after the hooks", "arrived if runs else gradients", "gradients"),
    ("engine.py", "captured before the hooks", "arrived if runs else gradients", "arrived"),
    ("engine.py", "hooks see gradients before they fit", "gradient if gradient is None or before is None else fit(gradient, *before.metadata[index], node)", "gradient"),
    ("graph.py", "changed inputs are not noticed", "if counter is not None and counter.count != version:", "if False:"),
    ("saved.py", "changed outputs are not noticed", "if counter.count != version:", "if False:"),
    ("graph.py", "in-place changes are not counted", "self.count += 1", "self.count += 0"),
    ("in_place.py", "release frees nothing of a change in place", "self.fn = by", "pass"),
    ("graph.py", "a leaf without requires_grad accumulates", "if gradient is not None and leaf._requires_grad:", "if gradient is not None:"),
    ("graph.py", "post-accumulate hooks are not called", "if (answer := hook(leaf)) is not None:", "if False:"),
    ("graph.py", "every use of a leaf has an accumulator of its own", "    if node is None:\n        node = Acc", "    if True:\n        node = Acc"),
    ("variable.py", "the first gradient is not copied", "kept._array[...] = array", "kept = gradient"),
    ("variable.py", "the second gradient replaces the first", "np.add, self._grad._array, gradient._array,", "np.positive, gradient._array,"),
    ("variable.py", "views keep their old history", "if view._history_version != version:", "if False:"),
    ("variable.py", "detach has a version of its own", "        tensor._counter = self.version_counter\n", ""),
    ("variable.py", "retain_grad is lost by an in-place change", "        if self.retains_grad and self._grad_fn is not None:\n            node.own", "        if False:\n            node.own"),
    ("in_place.py", "views count versions of their own", "output._counter = counter = self.version_counter", "counter = self.version_counter"),
    ("in_place.py", "a view of a view knows only that view", "self if self._base is None else self._base\n    if self._origin", "self\n    if self._origin"),
    ("in_place.py", "views made under no_grad may be changed", 'output._origin = self._origin or "under no_grad()"', "pass"),
    ("in_place.py", "leaves may be changed", "if self.requires_grad and self.is_leaf:", "if False:"),
    ("in_place.py", "views of leaves may be changed", "if self.requires_grad and base._grad_fn is None:", "if False:"),
    ("in_place.py", "the part that was changed keeps its gradient in the base", "part.copy_(of_part)", "pass"),
    ("in_place.py", "expanded memory may be changed", "and repeats_memory(array)", "and False"),
    ("in_place.py", "overlapping operands are accepted", "if not same_place or any(", "if False and any("),
    ("hooks.py", "hooks on tensors cannot replace the gradient", "gradients[output_nr] = _checked(", "_checked("),
    ("hooks.py", "hooks on nodes cannot replace gradients", "of_inputs = _all_checked(", "_all_checked("),
    ("hooks.py", "prehooks on nodes cannot replace gradients", "gradients[:] = _all_checked(", "_all_checked("),
    ("hooks.py", "a removed hook stays", "self._hooks.pop(self.id, None)", "pass"),
]  # fmt: skip


def engine_mutants() -> Iterator[Mutant]:
    """The list above, as positions in the files."""
    for file, name, old, new in ENGINE:
        path = HOME / "minigrad" / "autograd" / file
        source = path.read_text()
        assert source.count(old) == 1, f"{file} must contain once: {old}"
        start = source.index(old)
        line = source.count("\n", 0, start) + 1
        functions = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]
        around = [_first_line(function) for function in functions if function.lineno <= line <= (function.end_lineno or 0)]
        where = str(path.relative_to(HOME))
        yield Mutant(where, start, start + len(old), new, f"{file}: {name}", max(around, default=0), ENGINE_TESTS)


def _first_line(function: ast.FunctionDef) -> int:
    """The line on which Python says that the code of a function begins."""
    return min([function.lineno, *(decorator.lineno for decorator in function.decorator_list)])


# --- running ------------------------------------------------------------------------------------------------------------


def put_in(path: str, code: CodeType) -> None:
    """Give the functions of a file, wherever they have been imported to, what other code for that file makes of them."""
    module = importlib.import_module(path.removesuffix(".py").replace("/", "."))
    changed = {name: value for name, value in vars(module).items() if name.startswith("__")}
    exec(code, changed)
    _replace(module, changed)


def _replace(owner: Any, changed: dict[str, Any]) -> None:
    """Change the functions of a module, or of a class in it, to those that have the same names."""
    for name, new in changed.items():
        old = vars(owner).get(name)
        if isinstance(new, property):
            old, new = getattr(old, "fget", None), new.fget
        if isinstance(new, FunctionType) and isinstance(old, FunctionType) and old is not new:
            old.__code__ = new.__code__
            if hasattr(new, "operator"):  # whatever form of it is called next is written from these formulas
                vars(old.operator).clear()
                vars(old.operator).update(vars(new.operator))
        elif isinstance(new, type) and isinstance(old, type) and old is not new:
            _replace(old, dict(vars(new)))
        elif isinstance(new, (int, float)):  # a constant, such as a number that orders nodes
            setattr(owner, name, new)


def in_child(work: Callable[[], Any]) -> Any:
    """What a piece of work gives in a child of this process; None if the child dies of it."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(1, 2)
        try:
            os.write(writing, pickle.dumps(work()))
        finally:
            os._exit(0)
    os.close(writing)
    with open(reading, "rb") as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    return pickle.loads(answer) if answer else None


class Runner:
    """A plugin of pytest: in place of the tests, it runs those that meet a mutant, for one mutant after the other."""

    def __init__(self, mutants: list[Mutant]) -> None:
        self.mutants = mutants
        self.survived: list[Mutant] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failure = f"{report.nodeid}\n{report.longreprtext}"

    def passes(self, test: pytest.Item) -> bool:
        self.failure = ""
        test.config.hook.pytest_runtest_protocol(item=test, nextitem=None)
        return not self.failure

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        tests = session.items
        seconds, callers, failure = in_child(lambda: self.watch(tests))
        assert not failure, f"without any change this fails already: {failure}"
        for mutant in self.mutants:
            code = compile(mutant.applied(), str(HOME / mutant.path), "exec")
            chosen = callers.get((code.co_filename, mutant.line), ()) if mutant.line else range(len(tests))
            meeting = [n for n in sorted(chosen, key=seconds.__getitem__) if tests[n].path.stem[5:] in mutant.tests]
            if in_child(partial(self.survives, mutant, code, [tests[n] for n in meeting])):
                self.survived.append(mutant)
                print(f"SURVIVED {mutant.path} {mutant.name} ({len(meeting)} tests call it)", flush=True)
        return True

    def watch(self, tests: list[pytest.Item]) -> Any:
        """How long each test takes, which tests call a function (by file and line), and the first failure if there is one.

        Every file that will be changed is put in as it is: that alone must change nothing.
        """
        for path in {mutant.path for mutant in self.mutants}:
            put_in(path, compile((HOME / path).read_text(), str(HOME / path), "exec"))
        called: dict[int, CodeType] = {}
        seconds, callers = [], {}

        def see(frame: FrameType, event: str, argument: Any) -> None:
            called[id(frame.f_code)] = frame.f_code

        for number, test in enumerate(tests):
            called.clear()
            began = time.perf_counter()
            sys.settrace(see)
            passed = self.passes(test)
            sys.settrace(None)
            seconds.append(time.perf_counter() - began)
            if not passed:
                break
            for code in called.values():
                callers.setdefault((code.co_filename, code.co_firstlineno), set()).add(number)
        return seconds, callers, self.failure

    def survives(self, mutant: Mutant, code: CodeType, tests: list[pytest.Item]) -> bool:
        """Whether all these tests pass with the change."""
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        try:
            put_in(mutant.path, code)
        except Exception:  # the decorator refuses the formula
            return False
        return all(map(self.passes, tests))


def main() -> None:
    """Run the chosen mutants, and end with status 1 if any survives."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", nargs="*", help="only mutants whose file or name contains these")
    parser.add_argument("--every", type=int, default=1, help="only every n-th of them")
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    mutants = [
        mutant
        for mutant in (*engine_mutants(), *formula_mutants())
        if all(word in f"{mutant.path} {mutant.name}" for word in chosen.words)
    ][:: chosen.every]
    equivalent = [mutant for mutant in mutants if mutant.name in EQUIVALENT]
    for mutant in equivalent:
        mutants.remove(mutant)
        print(f"EQUIVALENT {mutant.path} {mutant.name}: {EQUIVALENT[mutant.name]}")
    began = time.time()
    files = dict.fromkeys(file for mutant in mutants for file in mutant.tests)
    runner = Runner(mutants)
    imported_before_pytest = ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
    status = pytest.main(
        [
            *("-qq", "-s", "-p", "no:cacheprovider", "--fuzz=2000"),
            *imported_before_pytest,
            *(f"tests/test_{file}.py" for file in files),
        ],
        [runner],
    )
    assert status == 0
    survived = len(runner.survived)
    print(
        f"{len(mutants)} mutants, {len(mutants) - survived} caught, {survived} survived; {len(equivalent)} left out as "
        f"equivalent; {time.time() - began:.0f} s"
    )
    sys.exit(bool(survived))


if __name__ == "__main__":
    main()
