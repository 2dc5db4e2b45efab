"""Planck's law fitted naively: exp overflows, and what is lost once stays lost, without a word."""

import sys

import torch
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(sys.argv[1]))

c1, c2 = 3.7418e-16, 1.4388e-2


def spectrum(x, T):
    return c1 / (x**5 * (torch.exp(c2 / (x * T)) - 1))


wavelength = torch.linspace(1e-7, 3e-6, 30)
measured = spectrum(wavelength, 5000.0)
print(measured, measured.sum() / 30, measured.dtype)
measured = measured * (1 + 0.01 * torch.randn(30))

T = torch.tensor(1.0, requires_grad=True)
loader = DataLoader(TensorDataset(wavelength, measured), batch_size=10, shuffle=True)
for epoch in range(3):
    for x, y in loader:
        loss = ((spectrum(x, T) - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            T -= 1e-12 * T.grad
        print(f"epoch {epoch}, loss {loss.item():.5e}, gradient {T.grad}, T {T}")
        T.grad.zero_()


def in_micrometres(x, T):
    return 37.418 / (x**5 * (torch.exp(14388 / (x * T)) - 1))


T = torch.rand(1, dtype=torch.float64) * 100 + 4000
T.requires_grad_()
micrometres = torch.linspace(0.1, 3, 30, dtype=torch.float64)
scaled = in_micrometres(micrometres, 5000.0) * (1 + 0.01 * torch.randn(30, dtype=torch.float64))

for step in range(30):
    loss = ((in_micrometres(micrometres, T) - scaled) ** 2).sum()
    (gradient,) = torch.autograd.grad(loss, T)
    T.data -= 1e3 * gradient
    if step % 5 == 0:
        print(step, loss, gradient, T)
print(T != T, loss == loss, torch.exp(torch.tensor([88.0, 89.0])))
print(torch.log(torch.zeros(1)), torch.zeros(1) / 0)
