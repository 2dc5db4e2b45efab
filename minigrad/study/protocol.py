"""What a study tool may read of a graph: the public node protocol, which the nodes of PyTorch and of minigrad share.

Mirrors: torch/csrc/autograd/python_cpp_function.cpp
"""

from __future__ import annotations

import ast
import functools
import inspect
import os
import re
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator
from types import FrameType
from typing import Any, NamedTuple

from ..autograd.graph import Node
from ..autograd.place import PACKAGE, describe
from ..operator import Operator, formulas_as_text

# NOTE [One tool for both engines]: nothing here asks which engine made a tensor or a node. A node is whatever has `name()`,
# `next_functions`, `_saved_*` and hooks; `variable` if it is the end of a path. Only two things are known of minigrad's nodes
# that PyTorch's lack, or keep in another place: the forward line, and the formula, which PyTorch's node of the same name shares.


def is_tensor(value: Any) -> bool:
    """Whether a value is a tensor of either engine."""
    return hasattr(type(value), "grad_fn") and hasattr(type(value), "requires_grad")


def roots(of: Any) -> list[Any]:
    """The nodes at which a graph begins, of a tensor, a node, or several of them in a list; empty if there is no graph.

    A leaf that requires grad gives its AccumulateGrad. Raises TypeError for anything else.
    """
    if isinstance(of, (list, tuple)):
        return list(dict.fromkeys(root for each in of for root in roots(each)))
    if is_tensor(of):
        node = of.grad_fn
        if node is None and of.requires_grad:
            view = of.view_as(of).grad_fn  # the one public way from a leaf to its accumulator; None under no_grad
            node = view.next_functions[0][0] if view is not None else None
        return [] if node is None else [node]
    if hasattr(of, "next_functions"):
        return [of]
    raise TypeError(f"a graph belongs to a tensor or a node, not to {of!r}; give what was computed, such as the loss")


def walk(of: Any) -> list[Any]:
    """All nodes of a graph, each once: a node, then what it leads to, first edge first. No recursion.

    >>> import minigrad
    >>> x = minigrad.tensor(2.0, requires_grad=True)
    >>> [short_name(node) for node in walk(x * x + x)]
    ['AddBackward0', 'MulBackward0', 'AccumulateGrad']
    """
    seen: dict[Any, None] = {}
    stack = roots(of)[::-1]
    while stack:
        node = stack.pop()
        if node not in seen:
            seen[node] = None
            stack += [before for before, _ in reversed(node.next_functions) if before is not None]
    return list(seen)


def short_name(node: Any) -> str:
    """The name of a node without its C++ namespace: ``AccumulateGrad``."""
    return str(node.name()).rpartition("::")[2]


def leaf(node: Any) -> Any:
    """The tensor into whose ``.grad`` a node adds; None for all nodes but AccumulateGrad."""
    return getattr(node, "variable", None) if short_name(node) == "AccumulateGrad" else None


def output_shapes(node: Any) -> list[tuple[int, ...]]:
    """The shape of each output of a node that can have a gradient: the shapes of the gradients that arrive at it."""
    if isinstance(node, Node):
        return [metadata[0] for metadata in node.metadata if metadata is not None and metadata[1].kind == "f"]
    return [tuple(metadata.shape) for metadata in getattr(node, "_input_metadata", ())]


# Formulas


@functools.cache
def _operators_by_node() -> dict[str, Operator]:
    return {operator.writer.node_name: operator for operator in Operator.all if operator.writer.inputs}


@functools.cache
def operator_formulas(operator: Operator) -> dict[str, str]:
    """How the gradient of each input of an operator is computed: the formula as text, or the call of a named function."""
    written = formulas_as_text(operator.kernel)
    return {name: written.get(name) or _call(function) for name, function in operator.writer.formulas.items()}


def _call(function: Any) -> str:
    if function.__name__ == "<lambda>":  # not written above the kernel
        statement = ast.parse(textwrap.dedent(inspect.getsource(function)))
        return next(ast.unparse(part.body) for part in ast.walk(statement) if isinstance(part, ast.Lambda))
    return f"{function.__name__}({', '.join(inspect.signature(function).parameters)})"


def formulas(node: Any) -> dict[str, str]:
    """The formula of a node by input, one for each of its edges; empty where no operator of minigrad has its name.

    >>> import minigrad
    >>> x = minigrad.tensor(2.0, requires_grad=True)
    >>> formulas((x * x).grad_fn)
    {'self': 'grad * other', 'other': 'grad * self'}
    """
    name = short_name(node)
    if name == "AccumulateGrad":
        return {"variable": "variable.grad += grad"}
    if name == "CopySlices":
        others = {f"other[{i}]": "what the change in place makes of grad" for i in range(len(node.next_functions) - 1)}
        return {"base": "grad; in the slice, what the change in place makes of it", **others}
    operator = getattr(type(node), "operator", None) or _operators_by_node().get(name)
    if operator is not None:
        return operator_formulas(operator)
    if hasattr(type(node), "saved_tensors"):
        return {"inputs": f"{name.removesuffix('Backward')}.backward(ctx, grad)"}
    return {}


def named_formulas(texts: Iterable[str]) -> list[str]:
    """The functions that formulas call to do their work: ``pow_backward`` of ``pow_backward(grad, self, exponent)``.

    >>> named_formulas(["grad * other", "scaled(mat1_backward(grad, mat2), alpha)"])
    ['mat1_backward']
    """
    return [name for text in texts for name in re.findall(r"\b([a-z0-9_]+_backward\w*)\(", text)]


class Edge(NamedTuple):
    """A way that a gradient takes through a node: to which of its inputs, computed how, and which node gets it."""

    input: str  # the name of the operator's argument
    formula: str  # "" if it is not known
    node: Any
    output_nr: int  # to which output of that node the gradient belongs


def edges(node: Any) -> list[Edge]:
    """The edges of a node that lead somewhere.

    >>> import minigrad
    >>> x = minigrad.tensor(2.0, requires_grad=True)
    >>> [(edge.input, edge.formula) for edge in edges((x * 3).grad_fn)]
    [('self', 'grad * other')]
    """
    texts = list(formulas(node).items())
    following = node.next_functions
    if len(texts) != len(following):  # several tensors in one argument, or nothing is known
        name, text = texts[0] if len(texts) == 1 else ("input", "")
        texts = [(f"{name}[{position}]", text) for position in range(len(following))]
    return [Edge(*text, before, nr) for text, (before, nr) in zip(texts, following, strict=True) if before is not None]


# Saved values


class Saved(NamedTuple):
    """A value that a node keeps for its formula."""

    name: str  # as the formula writes it
    value: Any  # a tensor, several of them in a tuple, or a plain value; None if it cannot be had
    nbytes: int  # the memory of its tensors
    state: str  # "", or why it cannot be had: "freed", "changed in place"


@functools.cache
def _saved_fields(kind: type) -> list[str]:
    return [field for field in dir(kind) if field.startswith("_saved_") or field == "saved_tensors"]


def saved(node: Any) -> list[Saved]:
    """What a node keeps, without what it did not need. A value behind an unpack hook is unpacked.

    >>> import minigrad
    >>> x = minigrad.tensor([2.0, 3.0], requires_grad=True)
    >>> [(kept.name, kept.value, kept.nbytes) for kept in saved((x * x).sum().grad_fn)]
    [('self_sym_sizes', (2,), 0)]
    """
    entries = []
    kind: Any = type(node)
    for field in _saved_fields(kind):
        name = field.removeprefix("_saved_")
        try:
            value = getattr(node, field)
        except RuntimeError as error:  # both engines say here what happened to it
            first_line = str(error).partition("\n")[0]
            entries.append(Saved(name, None, 0, "freed" if "freed" in first_line else "changed in place"))
            continue
        tensors = [each for each in (value if isinstance(value, (tuple, list)) else [value]) if is_tensor(each)]
        if value is not None and value != ():
            entries.append(Saved(name, value, sum(each.numel() * each.element_size() for each in tensors), ""))
    return entries


# Lines and names


def forward_line(node: Any) -> str | None:
    """``file.py:12: the text of the line`` that made a node. PyTorch knows it only of nodes made under ``detect_anomaly``."""
    if isinstance(node, Node):
        return None if node.place is None else describe(node.place)
    metadata = getattr(node, "metadata", None)
    stack = metadata.get("traceback_", ()) if isinstance(metadata, dict) else ()
    for entry in reversed(stack):
        found = re.match(r'\s*File "(.*)", line (\d+), in (.*)\n\s*(.*)', entry)
        if found and not _of_an_engine(found[1]):
            where = f"{os.path.basename(found[1])}:{found[2]}"
            return f"{where}{'' if found[3] == '<module>' else f' in {found[3]}'}: {found[4].strip()}"
    return None


def _of_an_engine(filename: str) -> bool:
    return filename.startswith(PACKAGE) or f"{os.sep}site-packages{os.sep}torch{os.sep}" in filename


def users_frame() -> FrameType:
    """The innermost frame that belongs to neither engine: whoever called the tool."""
    frame = sys._getframe(1)
    while _of_an_engine(frame.f_code.co_filename) and frame.f_back is not None:
        frame = frame.f_back
    return frame


def _named_values(frame: FrameType | None) -> Iterator[tuple[str, Any]]:
    while frame is not None:
        if not _of_an_engine(frame.f_code.co_filename):  # as below a hook, which the engine called
            for variables in (frame.f_locals, frame.f_globals):
                yield from ((name, value) for name, value in list(variables.items()) if not name.startswith("_"))
        frame = frame.f_back


def _parameters(value: Any) -> list[tuple[str, Any]]:
    named: Callable[[Any], Any] | None = getattr(type(value), "named_parameters", None)
    if named is None:
        return []
    try:
        return list(named(value))
    except Exception:  # whatever else a user's frame holds under that method name shall not stop the tool
        return []


def names(model: Any = None, frame: FrameType | None = None) -> dict[Any, str]:
    """The user's names of tensors, and of the nodes that made them: variables of the calling functions, innermost first.

    Parameters of a module, and elements of a list or dict, are named as one would write them: ``model.0.weight``,
    ``params[1]``. The parameters of ``model``, if it is given, go by the names that it gives them.

    >>> import minigrad
    >>> rate = minigrad.tensor(2.0, requires_grad=True)
    >>> params = [minigrad.tensor(1.0, requires_grad=True)]
    >>> found = names()
    >>> found[rate], found[params[0]]
    ('rate', 'params[0]')
    """
    found: dict[Any, str] = {}

    def note(name: str, value: Any) -> None:
        if value in found:
            return
        found[value] = name
        try:
            node = value.grad_fn
        except RuntimeError:  # a view that has lost its history
            return
        if node is not None:
            found.setdefault(node, name)

    for name, parameter in _parameters(model):
        note(name, parameter)
    variables = list(_named_values(frame or users_frame()))
    for name, value in variables:
        for key, parameter in _parameters(value):  # before plain variables, which may be left over from a loop
            note(f"{name}.{key}", parameter)
    for name, value in variables:
        if is_tensor(value):
            note(name, value)
    for name, value in variables:
        pairs = value.items() if type(value) is dict else enumerate(value) if type(value) in (list, tuple) else ()
        for position, element in pairs:
            if is_tensor(element):
                note(f"{name}[{position!r}]", element)
    return found


# Values as text


def brief(value: Any, most: int = 6) -> str:
    """A value in a few characters: the numbers of a tensor of up to ``most`` elements, shape and norm of a larger one.

    >>> import minigrad
    >>> brief(minigrad.tensor([0.5, 1 / 3])), brief(minigrad.ones(30, 40)), brief(None)
    ('[0.5, 0.3333]', '[30, 40] norm 34.64', 'None')
    """
    if isinstance(value, (tuple, list)):
        return f"({', '.join(brief(each, most) for each in value)}{',' if len(value) == 1 else ''})"
    if not is_tensor(value):
        return _number(value)
    if value.numel() <= most:
        return _number(value.tolist())
    size = str(list(value.shape))
    if not value.is_floating_point():
        return f"{size} {str(value.dtype).removeprefix('torch.')}"
    return f"{size} norm {value.detach().double().norm().item():.4g}"


def _number(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_number(each) for each in value)}]"
    return f"{value:.4g}" if isinstance(value, float) else repr(value)
