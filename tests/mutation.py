"""Breaks minigrad on purpose, in one place at a time, and reports which breaks no test notices.

Run ``python -m tests.mutation`` (all), or choose: ``python -m tests.mutation autograd/engine.py --every 3``.
"""

from __future__ import annotations

import argparse
import ast
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import torch  # imported before the processes of the mutants branch off, so that each begins at once

HOME = Path(__file__).parent.parent
# Which tests prove the formulas of a file of operators, beside those that run all operators.
FORMULA_TESTS = {
    "binary_loss.py": "test_losses.py",
    "likelihood.py": "test_losses.py",
    "loss.py": "test_losses.py",
    "linalg.py": "test_linalg_ops.py",
    "norm.py": "test_reductions.py",
    "diagonal.py": "test_linalg_ops.py",
    "gathering.py": "test_indexing.py",
    "indexing.py": "test_indexing.py",
    "masking.py": "test_indexing.py",
    "joining.py": "test_shape_ops.py",
    "shape.py": "test_shape_ops.py",
    "strided.py": "test_shape_ops.py",
    "extremes.py": "test_reductions.py",
    "normalization.py": "test_losses.py",
    "ordering.py": "test_reductions.py",
    "reduction.py": "test_reductions.py",
    "scan.py": "test_reductions.py",
    "softmax.py": "test_reductions.py",
    "spread.py": "test_reductions.py",
}
ENGINE_TESTS = (
    "tests/test_fuzz.py", "--fuzz=2000", "tests/test_order.py", "tests/test_backward.py", "tests/test_leaves.py", "tests/test_graph.py",
)  # fmt: skip


class Mutant(NamedTuple):
    """A piece of a file, by position, and what takes its place."""

    path: str
    start: int
    end: int
    text: str
    name: str
    tests: tuple[str, ...]

    def applied(self, source: str) -> str:
        """The file with the change."""
        return source[: self.start] + self.text + source[self.end :]


# --- derivative formulas ------------------------------------------------------------------------------------------------


class _Source:
    """The text of a file, with positions of syntax nodes in it."""

    def __init__(self, path: Path) -> None:
        self.path, self.text = path, path.read_text()
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


def _changes(source: _Source, expression: ast.AST) -> Iterator[tuple[ast.expr, str]]:
    """What to put in the place of parts of a formula: a factor dropped, a sign flipped, operands swapped."""
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


def formula_mutants(path: Path) -> Iterator[Mutant]:
    """The mutants of all derivative formulas in a file of operators, and of the functions that they are written with."""
    source = _Source(path)
    module = ast.parse(source.text)
    functions = {node.name: node for node in module.body if isinstance(node, ast.FunctionDef)}
    relative = str(path.relative_to(HOME))
    tests = (
        "tests/" + FORMULA_TESTS.get(path.name, "test_pointwise.py"),
        "tests/test_operators.py",
        "tests/test_fuzz.py",
        "--fuzz=300",
    )

    def mutant(where: str, node: ast.expr, text: str) -> Mutant:
        return Mutant(relative, *source.span(node), text, f"{where}: {' '.join(source.of(node).split())} -> {text}", tests)

    named = set()
    for operator in functions.values():
        for decorator in operator.decorator_list:
            if not (isinstance(decorator, ast.Call) and getattr(decorator.func, "id", "") == "differentiable"):
                continue
            tensors = [keyword.arg for keyword in decorator.keywords if keyword.arg in {a.arg for a in operator.args.args}]
            for keyword in decorator.keywords:
                where = f"{operator.name} {keyword.arg}"
                if isinstance(keyword.value, ast.Name):
                    named.add(keyword.value.id)
                if not isinstance(keyword.value, ast.Lambda):
                    continue
                formula = keyword.value
                named |= {node.id for node in ast.walk(formula.body) if isinstance(node, ast.Name)}
                yield mutant(where, formula.body, f"-({source.of(formula.body)})")
                for node, text in _changes(source, formula.body):
                    yield mutant(where, node, text)
                taken = {argument.arg for argument in formula.args.args}
                for old in tensors:
                    for new in tensors:
                        if old in taken and new not in taken:
                            yield mutant(where, formula, _renamed(source.of(formula), str(old), str(new)))
    for name in sorted(named & set(functions)):
        if not functions[name].decorator_list:
            for statement in functions[name].body:
                for node, text in _changes(source, statement):
                    yield mutant(name, node, text)


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
    ("engine.py", "ready nodes: the one made first runs first", "-next_node.sequence_nr, arrival()", "next_node.sequence_nr, arrival()"),
    ("engine.py", "ready nodes: last come first served", "-next_node.sequence_nr, arrival()", "-next_node.sequence_nr, -arrival()"),
    ("graph.py", "an AccumulateGrad has to wait", 'sequence_nr = float("inf")', 'sequence_nr = float("-inf")'),
    ("engine.py", "a node waits for one gradient only", "dependencies[node] += 1", "dependencies[node] += 0"),
    ("engine.py", "gradients that meet are not added", "waiting[index] = sum_so_far + gradient", "waiting[index] = gradient"),
    ("engine.py", "a gradient is not summed to the shape of the input", "gradient = gradient.sum_to_size(shape)", "pass"),
    ("engine.py", "a gradient is not cast to the type of the input", "else gradient._cast(dtype)", "else gradient"),
    ("engine.py", "buffers are not released", "if not retain_graph:", "if False:"),
    ("engine.py", "buffers are released in spite of retain_graph", "if not retain_graph:", "if True:"),
    ("engine.py", "create_graph records nothing", "mode.enabled = create_graph", "mode.enabled = False"),
    ("engine.py", "every backward pass is recorded", "mode.enabled = create_graph", "mode.enabled = True"),
    ("engine.py", "the mode is not set back", "mode.enabled = before", "pass"),
    ("engine.py", "nodes run that lead to no input", "edge if edge[0] in wanted else NO_EDGE", "edge"),
    ("engine.py", "captured after the hooks", "arrived if runs else gradients", "gradients"),
    ("engine.py", "captured before the hooks", "arrived if runs else gradients", "arrived"),
    ("engine.py", "hooks see gradients before they fit", "if hooks is not None or create_graph:", "if create_graph:"),
    ("graph.py", "changed inputs are not noticed", "if tensor._version_counter.count != version:", "if False:"),
    ("saved.py", "changed outputs are not noticed", "if counter.count != version:", "if False:"),
    ("graph.py", "in-place changes are not counted", "self.count += 1", "self.count += 0"),
    ("graph.py", "release frees nothing", "            self.saved = by", "            pass"),
    ("graph.py", "a leaf without requires_grad accumulates", "if self.variable._requires_grad:", "if True:"),
    ("graph.py", "post-accumulate hooks are not called", "                hook(self.variable)", "                pass"),
    ("graph.py", "every use of a leaf has an accumulator of its own", "    if node is None:\n        node = Acc", "    if True:\n        node = Acc"),
    ("variable.py", "the first gradient is not copied", "kept._array[...] = gradient._array", "kept = gradient"),
    ("variable.py", "the second gradient replaces the first", "np.add, self._grad._array, gradient._array,", "np.positive, gradient._array,"),
    ("variable.py", "views keep their old history", "if view._history_version != version:", "if False:"),
    ("variable.py", "detach has a version of its own", "        tensor._version_counter = self._version_counter\n        return tensor\n\n    @property\n    def data", "        return tensor\n\n    @property\n    def data"),
    ("variable.py", "retain_grad is lost by an in-place change", "        if self.retains_grad and self._grad_fn is not None:\n            node.own", "        if False:\n            node.own"),
    ("in_place.py", "views count versions of their own", "output._version_counter = counter = self._version_counter", "counter = self._version_counter"),
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
        yield Mutant(str(path.relative_to(HOME)), start, start + len(old), new, f"{file}: {name}", ENGINE_TESTS)


# --- running ------------------------------------------------------------------------------------------------------------


def prepare(folder: str) -> None:
    """Give this process a copy of the tree of its own."""
    global copy
    copy = Path(tempfile.mkdtemp(dir=folder))
    for part in ("minigrad", "reference", "tests", "examples", "benchmarks"):
        shutil.copytree(HOME / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(HOME / "pyproject.toml", copy)


def survives(mutant: Mutant) -> bool:
    """Whether the tests pass in the copy of the tree with this change."""
    target = copy / mutant.path
    before = target.read_text()
    target.write_text(mutant.applied(before))
    child = os.fork()
    if child == 0:
        _run_tests(mutant.tests)
    _, status = os.waitpid(child, 0)
    target.write_text(before)
    return os.waitstatus_to_exitcode(status) == 0


def _run_tests(tests: tuple[str, ...]) -> None:
    signal.alarm(120)  # a mutant that runs forever is caught, too
    for name in list(sys.modules):
        if name.partition(".")[0] in ("minigrad", "reference", "tests"):
            del sys.modules[name]
    os.chdir(copy)
    sys.path[:] = [str(copy), *(entry for entry in sys.path if entry not in ("", str(HOME)))]
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(1, 2)
    os._exit(int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", *tests])))


def main() -> None:
    """Run the chosen mutants, and end with status 1 if any survives."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", nargs="*", help="only mutants whose file or name contains these")
    parser.add_argument("--every", type=int, default=1, help="only every n-th of them")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="how many run at a time")
    chosen = parser.parse_args()
    sys.dont_write_bytecode = True
    torch.set_num_threads(1)
    mutants = list(engine_mutants())
    for path in sorted((HOME / "minigrad" / "ops").glob("*.py")):
        mutants += formula_mutants(path)
    mutants = [m for m in mutants if all(word in f"{m.path} {m.name}" for word in chosen.words)][:: chosen.every]
    began, survived = time.time(), 0
    fork = multiprocessing.get_context("fork")
    with tempfile.TemporaryDirectory() as folder, fork.Pool(chosen.jobs, prepare, (folder,)) as pool:
        unchanged = [
            Mutant(mutants[0].path, 0, 0, "", "nothing", tests) for tests in {mutant.tests: None for mutant in mutants}
        ]
        for mutant, passes in zip(unchanged, pool.imap(survives, unchanged), strict=True):
            assert passes, f"without any change these fail already: {' '.join(mutant.tests)}"
        for mutant, passes in zip(mutants, pool.imap(survives, mutants), strict=True):
            if passes:
                survived += 1
                print(f"SURVIVED {mutant.path} {mutant.name}", flush=True)
    print(f"{len(mutants)} mutants, {len(mutants) - survived} caught, {survived} survived, {time.time() - began:.0f} s")
    sys.exit(bool(survived))


if __name__ == "__main__":
    main()
