"""The page of operators: every operator with its formulas, what it saves, and the node that it makes; from the code itself.

Mirrors: tools/autograd/derivatives.yaml
"""

from __future__ import annotations

import inspect
import sys
import textwrap

from ..operator import Operator
from .protocol import named_formulas, operator_formulas
from .words import wrapped

LEGEND = """\
Every operator: name(arguments) -> the node that it makes in the graph, which is
also its name in PyTorch; below, what it computes; then for every argument that
can have a gradient the formula of this gradient. In a formula,
  grad                   is the gradient that arrives, of the operator's output
  self, other, ...       are its arguments, as they were in the forward pass
  result                 is its output
  self_sym_sizes         is only the shape of an argument
  scaled(x, c)           is x * c for a number c, and so is scale(x, c);
                         unscale, raised and lowered are x / c, x + c, x - c
A node keeps ("saves") what its formulas name, and nothing else. Operators that
are not here, such as linear, are made of these.
Give a name to see one operator with the source of its named formulas."""


def entry(operator: Operator) -> list[str]:
    """The lines of one operator: signature and node, formulas, what is saved for them."""
    writer, kernel = operator.writer, operator.kernel
    node = writer.namespace + writer.node_name if writer.inputs else "no gradient"
    lines = wrapped(f"{kernel.__name__}({', '.join(writer.parameters)}) -> {node}", "", "    ")
    what = inspect.cleandoc(kernel.__doc__ or "").partition("\n\n")[0].replace("``", "")
    lines += wrapped(what, "    ", "    ")
    if writer.inputs:
        texts = operator_formulas(operator)
        widest = max(len(name) for name in texts)
        for name, text in texts.items():
            lines += wrapped(f"{name + ':':<{widest + 1}} {text}", "      ", " " * (widest + 8))
        saves = ", ".join([*writer.saved, *writer.values]) or "nothing"
        lines += wrapped(f"saves: {saves}", "      ", "             ")
    return lines


def source_of_formulas(operator: Operator) -> list[str]:
    """The text of the formulas that are functions with a name."""
    lines = []
    for function in dict.fromkeys(operator.writer.formulas.values()):
        if function is not None and function.__name__ != "<lambda>":
            lines += ["", *textwrap.indent(inspect.getsource(function).rstrip(), "      ").splitlines()]
    return lines


def _called(words: list[str]) -> list[Operator]:
    """The operators of which a word is the name, or the name of the node."""
    sought = {word.lower() for word in words}
    return [each for each in Operator.all if sought & {each.kernel.__name__.lower(), each.writer.node_name.lower()}]


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
    by_formulas = [name for each in _called(words) for name in named_formulas(operator_formulas(each).values())]
    chosen = _called([*words, *by_formulas]) if words else Operator.all
    lines = [] if words else [LEGEND]
    for name in sorted({operator.kernel.__module__ for operator in chosen}):
        subject = (sys.modules[name].__doc__ or "").partition("\n")[0].replace("``", "")
        lines += [*([""] if lines else []), *wrapped(f"{name.rpartition('.')[2]}: {subject}")]
        for operator in chosen:
            if operator.kernel.__module__ == name:
                lines += ["", *entry(operator), *(source_of_formulas(operator) if words else [])]
    return "\n".join(lines)


def main(words: list[str]) -> int:
    """Print the page. Exit code 1 if no operator has such a name."""
    text = page(words)
    print(text or f"no operator and no node is called {' or '.join(words)}; without a name, all of them are listed")
    return 0 if text else 1
