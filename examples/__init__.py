"""Programs that run under minigrad and under PyTorch from one text: ``python -m examples``.

Both compute on the CPU: the random numbers that minigrad reproduces are those of PyTorch's CPU generator.
"""
