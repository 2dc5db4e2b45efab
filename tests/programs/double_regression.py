"""Regression in float64, with updates through .data."""

import sys

import numpy as np
import torch

seed = int(sys.argv[1])
torch.manual_seed(seed)
rng = np.random.default_rng(seed)

X = torch.from_numpy(rng.normal(size=(160, 2)))
true_w = np.array([[2.0], [-3.4]])
y = torch.tensor(X.numpy() @ true_w + 4.2 + rng.normal(scale=0.01, size=(160, 1)))
w = torch.normal(0, 0.01, size=(2, 1), dtype=torch.float64, requires_grad=True)
b = torch.zeros(1, dtype=torch.float64, requires_grad=True)
print(X.dtype, y.dtype, w, b)

lr = 0.03
for epoch in range(5):
    for start in range(0, len(X), 16):
        indices = torch.tensor(range(start, start + 16))
        loss = ((torch.mm(X[indices], w) + b - y[indices]) ** 2 / 2).sum()
        loss.backward()
        w.data = w.data - lr * w.grad.data / 16
        b.data = b.data - lr * b.grad.data / 16
        w.grad.data.zero_()
        b.grad.data.zero_()
    with torch.no_grad():
        train = ((X @ w + b - y) ** 2 / 2).mean()
    print(f"epoch {epoch + 1}: {float(train):.12f}", train, w.data, b.data)
print(torch.from_numpy(true_w) - w, 4.2 - b, w.grad, w._version, w.is_leaf, w.data_ptr() == w.data.data_ptr())
print(w.float(), w.double() is w, (X.float() @ w.float()).dtype)
