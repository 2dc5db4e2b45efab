# docs/programs/doubled.py
import minigrad as torch

a = torch.tensor(1.0, requires_grad=True)
b = a + a
c = b + b
c.backward()
