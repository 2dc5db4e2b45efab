"""Linear regression with a module, a loss and an optimiser of one's own."""

import math
import sys

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(sys.argv[1]))
torch.set_printoptions(sci_mode=False)


class LinearRegression(nn.Module):
    def __init__(self, in_features, out_features):
        super().__init__()
        bound = 1 / math.sqrt(in_features)
        self.weight = nn.Parameter(torch.empty(out_features, in_features).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.zeros(out_features))

    def forward(self, x):
        return x @ self.weight.T + self.bias


class SquaredError(nn.Module):
    def forward(self, prediction, target):
        return ((prediction - target.reshape(prediction.shape)) ** 2 / 2).sum()


class SGD:
    def __init__(self, params, lr):
        self.params, self.lr = list(params), lr

    @torch.no_grad()
    def step(self, batch_size):
        for param in self.params:
            param -= self.lr * param.grad / batch_size

    def zero_grad(self):
        for param in self.params:
            if param.grad is not None:
                param.grad.zero_()


true_w, true_b = torch.tensor([2.0, -3.4]), 4.2
X = torch.normal(0, 1, (200, 2))
y = torch.matmul(X, true_w) + true_b
y += torch.normal(0, 0.01, y.shape)
print(X[:3], y[:3], X.shape, y.dtype)

model, loss, loader = LinearRegression(2, 1), SquaredError(), DataLoader(TensorDataset(X, y), batch_size=32, shuffle=True)
optimizer = SGD(model.parameters(), lr=0.03)
print(model)
for name, param in model.named_parameters():
    print(name, param, param.requires_grad, param.is_leaf)

for epoch in range(200):
    total, seen = 0.0, 0
    for features, labels in loader:
        optimizer.zero_grad()
        error = loss(model(features), labels)
        error.backward()
        optimizer.step(len(labels))
        total += error.item()
        seen += len(labels)
    if epoch < 5 or epoch % 20 == 19:
        with torch.no_grad():
            whole = loss(model(X), y) / len(y)
        print(f"epoch {epoch + 1}, mean loss {total / seen:.4f}, after it {float(whole):.4f}", whole.shape)

print("w:", model.weight.data, "error:", true_w - model.weight.detach().reshape(true_w.shape))
print("b:", model.bias.data, "error:", true_b - model.bias)
print(model.weight.grad, model.bias.grad)
