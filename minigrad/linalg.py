"""The linear algebra that is named in a namespace of its own.

Mirrors: torch/linalg/__init__.py
"""

from .ops.linalg import matmul
from .ops.norm import linalg_norm as norm
from .ops.norm import matrix_norm, vector_norm

__all__ = ["matmul", "matrix_norm", "norm", "vector_norm"]
