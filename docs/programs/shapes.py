# docs/programs/shapes.py
import minigrad as torch

x = torch.tensor([[1.0], [2.0], [3.0]])
y = torch.tensor([3.0, 5.0, 7.0])
w = torch.tensor([[1.0]], requires_grad=True)

loss = ((x @ w - y) ** 2).mean()
loss.backward()
