"""Which device the torch side computes on, set so that two runs give the same numbers.

Mirrors: torch/backends/cuda/__init__.py
"""

from __future__ import annotations

import os

import torch


def choose_device(wish: str = "auto") -> torch.device:
    """The device for the torch side: ``"cpu"``, ``"cuda"``, or with ``"auto"`` CUDA where torch sees it.

    A GPU is asked to round like the CPU: no TF32 (10 bits of mantissa in matrix products), and only algorithms that add in
    a fixed order. Both are settings of the process. Raises RuntimeError for ``"cuda"`` where torch sees none, ValueError
    for another wish.

    >>> choose_device("cpu")
    device(type='cpu')
    """
    if wish not in ("auto", "cpu", "cuda"):
        raise ValueError(f"device {wish!r}: choose 'auto', 'cpu' or 'cuda'")
    if wish == "cpu" or (wish == "auto" and not torch.cuda.is_available()):
        return torch.device("cpu")
    if not torch.cuda.is_available():
        build = f"built for CUDA {torch.version.cuda}" if torch.version.cuda else "built without CUDA"
        raise RuntimeError(
            f"device 'cuda' was asked for, but torch {torch.__version__} ({build}) sees no GPU. Choose 'auto' or 'cpu', or "
            f"install a torch that fits the driver."
        )
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # cuBLAS is deterministic only with a fixed workspace
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    torch.use_deterministic_algorithms(True)
    return torch.device("cuda")
