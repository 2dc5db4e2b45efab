"""What the source of the calling program says about a variable: read after the fact, so that a running program pays nothing.

Mirrors: nothing; PyTorch has no such tool.
"""

from __future__ import annotations

import ast
import linecache
import os
from collections.abc import Iterator
from types import CodeType, FrameType
from typing import Any, NamedTuple

_CUTS = ("detach", "detach_", "data", "item", "numpy", "tolist")  # attributes that give values without a history
_SILENT = ("no_grad", "inference_mode", "set_grad_enabled")


class Statement(NamedTuple):
    """A statement of the function that a variable belongs to, and the ``with`` and ``def`` lines around it."""

    node: ast.stmt
    around: tuple[ast.AST, ...]


class Place(NamedTuple):
    """Where a variable was found: its name, and the frame that it belongs to."""

    name: str
    frame: FrameType

    def describe(self, node: ast.AST) -> str:
        """``file.py:12: the text of the line``."""
        filename, number = self.frame.f_code.co_filename, node.lineno  # type: ignore[attr-defined]
        return f"{os.path.basename(filename)}:{number}: {linecache.getline(filename, number).strip()}"


def find(value: Any, frame: FrameType | None) -> Place | None:
    """The innermost variable that is this very object."""
    while frame is not None:
        for variables in (frame.f_locals, frame.f_globals):
            for name, other in list(variables.items()):
                if other is value and not name.startswith("_"):
                    return Place(name, _owner(frame) if variables is frame.f_globals else frame)
        frame = frame.f_back
    return None


def _owner(frame: FrameType) -> FrameType:
    """The frame of the module whose globals a function sees, if the module is still running."""
    outer: FrameType | None = frame
    while outer is not None:
        if outer.f_globals is frame.f_globals and outer.f_code.co_name == "<module>":
            return outer
        outer = outer.f_back
    return frame


def statements(place: Place) -> list[Statement]:
    """The statements of the frame that may have run so far, in the order of lines; none if there is no source."""
    code = place.frame.f_code
    try:
        tree = ast.parse("".join(linecache.getlines(code.co_filename, place.frame.f_globals)))
    except SyntaxError:
        return []
    scope = _scope(tree, code)
    if scope is None:
        return []
    return [each for each in _inside(scope, (scope,)) if each.node.lineno <= place.frame.f_lineno]


def _scope(tree: ast.Module, code: CodeType) -> Any:
    if code.co_name == "<module>":
        return tree
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name == code.co_name:
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            if first == code.co_firstlineno:
                return node
    return None


def _inside(node: ast.AST, around: tuple[ast.AST, ...]) -> Iterator[Statement]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            continue
        if isinstance(child, ast.stmt):
            yield Statement(child, around)
        yield from _inside(child, (*around, child) if isinstance(child, ast.With) else around)


def assignment(place: Place) -> Statement | None:
    """The last statement that gave the variable its value."""
    found = None
    for statement in statements(place):
        if isinstance(statement.node, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
            targets = statement.node.targets if isinstance(statement.node, ast.Assign) else [statement.node.target]
            bound = [part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)]
            if place.name in bound:
                found = statement
    return found


def silenced_by(statement: Statement) -> ast.AST | None:
    """The ``with no_grad():`` or ``@no_grad()`` that a statement stands under."""
    for node in reversed(statement.around):
        heads = (
            [item.context_expr for item in node.items] if isinstance(node, ast.With) else getattr(node, "decorator_list", [])
        )
        for head in heads:
            called = head.func if isinstance(head, ast.Call) else head
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            switched_on = isinstance(head, ast.Call) and any(getattr(word, "value", None) is True for word in head.args)
            if name == "enable_grad" or (name in _SILENT and switched_on):
                return None
            if name in _SILENT:
                return head
    return None


def cut(statement: Statement) -> str | None:
    """How the right side of an assignment leaves the history behind: ``.detach()``, or ``tensor(...)`` of values."""
    for part in ast.walk(statement.node):
        if isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Load) and part.attr in _CUTS:
            return f".{part.attr}" if part.attr == "data" else f".{part.attr}()"
    return None


def names_read(statement: Statement) -> list[str]:
    """The variables that a statement reads."""
    return [part.id for part in ast.walk(statement.node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load)]


def last(place: Place, method: str) -> ast.stmt | None:
    """The last statement, that may have run, that calls a method of this name; ``x.grad = None`` counts as zero_grad."""
    found = None
    for statement in statements(place):
        if isinstance(statement.node, (ast.Expr, ast.Assign)):
            for part in ast.walk(statement.node):
                called = isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute) and part.func.attr == method
                emptied = method == "zero_grad" and isinstance(part, ast.Attribute) and part.attr == "grad"
                if called or (emptied and isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store)):
                    found = statement.node
    return found


def switched_off(place: Place) -> ast.stmt | None:
    """The last statement that set ``requires_grad`` of the variable to False, or called its ``detach_()``."""
    found = None
    for statement in statements(place):
        text = ast.unparse(statement.node) if isinstance(statement.node, (ast.Expr, ast.Assign)) else ""
        off = (f"{place.name}.requires_grad = False", f"{place.name}.requires_grad_(False)", f"{place.name}.detach_()")
        if any(text.startswith(each) for each in off):
            found = statement.node
    return found
