"""What minigrad costs, beside torch and beside NumPy with the gradients derived by hand: ``python -m benchmarks``."""

import os

# One thread each, for all three. NumPy's BLAS reads these once, when NumPy is imported, so they come before every import.
for variable in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    os.environ[variable] = "1"
