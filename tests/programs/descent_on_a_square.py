"""Five hundred steps down x**2."""

import sys

import torch

torch.manual_seed(int(sys.argv[1]))

x = torch.randn(1, requires_grad=True)
lr = 0.01
for step in range(500):
    y = x**2
    y.backward()
    x.data -= lr * x.grad.data
    x.grad.data.zero_()
    if step % 50 == 0:
        print("step %d: x = %.10f, y = %.10f" % (step, x.data, y.data))
print("%.10f" % x.data, x, y, x.grad, float(x.detach()), x.item(), int(x.data * 1000), bool(x.data))

x = torch.tensor(3.0, requires_grad=True)
for _ in range(500):
    if x.grad is not None:
        x.grad = None
    (x**2).backward()
    with torch.no_grad():
        x.sub_(x.grad, alpha=0.003)
print("%.10f" % x.data, f"{x:.3e} {x.item():.12g}", x.data, x.grad, [x.detach()], {"x": x})
