"""Which device the torch side computes on, set so that its numbers can be compared with minigrad's, and two runs agree.

Mirrors: torch/utils/_device.py, torch/backends/cuda/__init__.py
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

# How many times further torch's numbers may be from minigrad's where a GPU computed them. Its kernels fuse multiply and add
# into one rounding, add along trees of 32 lanes and of blocks, and its exp, log and tanh may be off by 2 ulp, not 1: an ulp
# or two for each operation, and a training step does some ten of them in a row.
GPU_ULP = 16

# What draws random numbers: functions that make a tensor of them, and those that fill the tensor given first.
MAKING = {torch.rand, torch.randn, torch.randint, torch.randperm, torch.normal}
FILLING = {torch.Tensor.uniform_, torch.Tensor.normal_, torch.Tensor.random_, torch.Tensor.bernoulli_}
FILLING |= {torch.Tensor.exponential_}
FILLING |= {torch.nn.init.uniform_, torch.nn.init.normal_, torch.nn.init.kaiming_uniform_, torch.nn.init.kaiming_normal_}


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


@contextlib.contextmanager
def on_device(device: torch.device | str) -> Iterator[None]:
    """Inside, torch makes its tensors on the device, with the random numbers that it would have on the CPU.

    Each device has a random stream of its own, and minigrad's is that of the CPU: so what draws is run there, and moved.
    Not so the functions that draw and compute in one kernel, as dropout does. On the CPU nothing is changed, or slowed.

    >>> torch.get_default_device()
    device(type='cpu')
    >>> with on_device("meta"):
    ...     torch.nn.Linear(1, 1).weight.device
    device(type='meta')
    """
    device = torch.device(device)
    if device.type == "cpu":
        yield
        return
    with device, _DrawnOnTheCPU():
        yield


class _DrawnOnTheCPU(TorchFunctionMode):
    def __torch_function__(self, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = dict(kwargs or {})
        if func in MAKING and kwargs.get("device") is None:
            drawn = func(*args, **kwargs, device="cpu")
            return drawn.detach().to(torch.get_default_device()).requires_grad_(drawn.requires_grad)
        if func in FILLING:
            filled, *rest = args or [kwargs.pop("tensor")]
            drawn = func(torch.empty_like(filled, device="cpu", requires_grad=False), *rest, **kwargs)
            filled.detach().copy_(drawn)
            return filled
        return func(*args, **kwargs)
