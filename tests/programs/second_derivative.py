"""Derivatives of derivatives of x**3."""

import sys

import torch

torch.manual_seed(int(sys.argv[1]))

x = torch.tensor(2.0, requires_grad=True)
y = x**3
(first,) = torch.autograd.grad(y, x, create_graph=True)
(second,) = torch.autograd.grad(first, x, create_graph=True)
(third,) = torch.autograd.grad(second, x)
print(x, y, first, second, third)

x = torch.randn(4, requires_grad=True)
y = torch.pow(x, 3)
first = torch.autograd.grad(y.sum(), x, create_graph=True)[0]
first.sum().backward()
print(x, first, x.grad, torch.allclose(x.grad, 6 * x))

x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
first = torch.autograd.grad(x**3, x, grad_outputs=torch.ones(3), create_graph=True)
print(first, type(first), torch.autograd.grad(first[0], x, torch.tensor([1.0, 0.0, 1.0])))
try:
    (x**3).backward()
except RuntimeError as error:
    print(type(error).__name__)
print(torch.autograd.grad((x * x).sum(), [x], retain_graph=True), x.grad)
