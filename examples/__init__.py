"""Programs that run under minigrad and under PyTorch from one text: ``python -m examples``.

minigrad computes on the CPU, torch where ``--device`` says, from the random numbers of PyTorch's CPU generator.
"""
