# docs/programs/lost.py
import minigrad as torch

x = torch.tensor([1.0, 2.0])
w = torch.tensor(1.0, requires_grad=True)
b = torch.tensor(0.0, requires_grad=True)

loss = ((w * x - 3) ** 2).mean()
loss.backward()
w = w - 0.1 * w.grad
shown = (w * x).detach()
