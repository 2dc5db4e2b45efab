"""What minigrad costs, beside torch, NumPy with the gradients derived by hand, and two other engines on NumPy."""
