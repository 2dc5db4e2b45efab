# docs/programs/in_place.py
import minigrad as torch

x = torch.tensor([1.0, 2.0])
w = torch.tensor(1.0, requires_grad=True)

error = w * x - 3
squares = error**2
error += 1
squares.mean().backward()
