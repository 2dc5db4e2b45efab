"""The page of operators: every operator with its formulas, what it saves, and the node that it makes; from the code itself.

Mirrors: tools/autograd/derivatives.yaml
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import textwrap
from collections.abc import Iterator
from typing import Any

from .. import ops
from .protocol import formula_functions, named_formulas, node_kinds, operator_formulas
from .words import wrapped

LEGEND = """\
Every operator: name(arguments) -> the node that it makes in the graph, which is
also its name in PyTorch; below, what it computes; then for every argument that
can have a gradient the formula of this gradient. In a formula,
  grad                   is the gradient that arrives, of the operator's output
  self, other, ...       are its arguments, as they were in the forward pass
  result                 is its output
  self_sym_sizes         is only the shape of an argument
A node keeps ("saves") what its formulas name, and nothing else. Operators that
are not here, such as linear, are made of these.
Give a name to see one operator with the source of its named formulas."""


def all_operators() -> Iterator[tuple[Any, list[tuple[Any, Any]]]]:
    """Each module of operators, with its operators and their node classes: None for those that have no gradient."""
    nodes = {kind.kernel: kind for kind in node_kinds()}
    for entry in pkgutil.iter_modules(ops.__path__, f"{ops.__name__}."):
        module = importlib.import_module(entry.name)
        made_here = [
            value for value in vars(module).values() if hasattr(value, "in_place_form") and value.__module__ == entry.name
        ]
        if made_here:
            yield module, [(operator, nodes.get(operator.__wrapped__)) for operator in made_here]


def operator_entry(operator: Any, kind: Any) -> list[str]:
    """The lines of one operator: signature and node, formulas, what is saved for them."""
    parameters = inspect.signature(operator.__wrapped__).parameters
    node = kind.namespace + kind.__name__ if kind else "no gradient"
    lines = wrapped(f"{operator.__name__}({', '.join(parameters)}) -> {node}", "", "    ")
    lines += wrapped(inspect.cleandoc(operator.__doc__ or "").partition("\n\n")[0].replace("``", ""), "    ")
    if kind:
        texts = operator_formulas(kind)
        widest = max(len(name) for name in texts)
        for name, text in texts.items():
            lines += wrapped(f"{name + ':':<{widest + 1}} {text}", "      ", " " * (widest + 8))
        names = [*kind.saved_names, *kind.value_names]
        lines += wrapped(f"saves: {', '.join(names) or 'nothing'}", "      ", "             ")
    return lines


def _sought(words: list[str], operator: Any, kind: Any) -> bool:
    return any(word.lower() in (operator.__name__.lower(), kind.__name__.lower() if kind else "") for word in words)


def page(words: list[str]) -> str:
    """The operators, or nodes, of these names, with the source of formulas that are named functions; without names, all.

    >>> print(page(["MulBackward0"]))
    pointwise: Arithmetic, element by element, with broadcasting: sums, differences,
    products, quotients.
    <BLANKLINE>
    mul(self, other) -> MulBackward0
        self * other
          self:  grad * other
          other: grad * self
          saves: other, self
    """
    called = [
        name
        for _, operators in all_operators()
        for operator, kind in operators
        if kind and _sought(words, operator, kind)
        for name in named_formulas(operator_formulas(kind).values())
    ]
    words = [*words, *called]
    lines = [] if words else [LEGEND]
    for module, operators in all_operators():
        entries: list[str] = []
        for operator, kind in operators:
            if words and not _sought(words, operator, kind):
                continue
            entries += ["", *operator_entry(operator, kind)]
            if words and kind:
                for function in dict.fromkeys(formula_functions(kind).values()):
                    if function.__name__ != "<lambda>":
                        entries += ["", *textwrap.indent(inspect.getsource(function).rstrip(), "      ").splitlines()]
        if entries:
            subject = (module.__doc__ or "").partition("\n")[0].replace("``", "")
            lines += [*([""] if lines else []), *wrapped(f"{module.__name__.rpartition('.')[2]}: {subject}", ""), *entries]
    return "\n".join(lines)


def main(words: list[str]) -> int:
    """Print the page. Exit code 1 if no operator has such a name."""
    text = page(words)
    print(text or f"no operator and no node is called {' or '.join(words)}; without a name, all of them are listed")
    return 0 if text else 1
