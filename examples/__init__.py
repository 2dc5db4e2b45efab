"""Programs that run under minigrad and under PyTorch from one text: ``python -m examples``."""
