"""A program with the imports of one engine, turned into the same program with those of the other.

Mirrors: nothing; PyTorch has no such tool.
"""

from __future__ import annotations

import ast


class _Imports(ast.NodeTransformer):
    """Turns the imports of either engine into those of one; the names that they bind stay what they were."""

    def __init__(self, engine: str) -> None:
        self.engine, self.found = engine, 0

    def _swapped(self, module: str) -> str:
        top, dot, rest = module.partition(".")
        if top not in ("minigrad", "torch") or module.startswith("minigrad.study"):  # the tools serve both engines
            return module
        self.found += 1
        return self.engine + dot + rest

    def visit_Import(self, node: ast.Import) -> ast.Import:
        """``import torch``, ``import torch.nn as nn``; ``import torch.nn`` binds ``torch``, so it becomes two imports."""
        aliases = []
        for alias in node.names:
            swapped, (top, dot, _) = self._swapped(alias.name), alias.name.partition(".")
            if alias.asname or swapped == alias.name:
                aliases.append(ast.alias(swapped, alias.asname))
            else:
                aliases += [ast.alias(swapped)] * bool(dot) + [ast.alias(self.engine, top)]
        return ast.copy_location(ast.Import(aliases), node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.ImportFrom:
        """``from torch import nn``."""
        if node.module is not None and not node.level:
            node.module = self._swapped(node.module)
        return node


def swap_imports(engine: str, source: str, filename: str) -> ast.Module:
    """A program with ``engine`` in the place of ``torch`` or ``minigrad`` in its imports, and all else as it is.

    Raises ValueError if it imports neither.

    >>> print(ast.unparse(swap_imports("minigrad", "from torch import nn; import torch", "a program")))
    from minigrad import nn
    import minigrad as torch
    """
    imports = _Imports(engine)
    tree: ast.Module = ast.fix_missing_locations(imports.visit(ast.parse(source, filename)))
    if not imports.found:
        raise ValueError(f"{filename} imports neither torch nor minigrad, so there is nothing to swap")
    return tree
