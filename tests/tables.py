"""Every case of every table of operators."""

from . import cases, linalg_cases, loss_cases, reduction_cases

CASES = [*cases.CASES, *linalg_cases.CASES, *loss_cases.CASES, *reduction_cases.CASES]
