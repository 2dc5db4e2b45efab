"""A Huber loss out of two others, first as often written, then as defined."""

import sys

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(int(sys.argv[1]))
torch.set_printoptions(precision=3, sci_mode=False)


class HuberOfTheMean(nn.Module):
    """Switches for all elements together: not Huber's loss."""

    def __init__(self, sigma=1.0):
        super().__init__()
        self.sigma = sigma

    def forward(self, input, target):
        if F.l1_loss(input, target) > self.sigma:
            return F.l1_loss(input, target) - self.sigma / 2
        return F.mse_loss(input, target) / (2 * self.sigma)


class Huber(nn.Module):
    def __init__(self, delta=1.0):
        super().__init__()
        self.delta = delta

    def forward(self, input, target):
        far = F.l1_loss(input, target, reduction="none")
        near = F.mse_loss(input, target, reduction="none")
        return torch.where(far < self.delta, 0.5 * near, self.delta * (far - 0.5 * self.delta)).mean()


net = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 1))
X, y = torch.randn(40, 3), torch.randn(40, 1) * 2
print(net, HuberOfTheMean(), Huber())
for criterion in HuberOfTheMean(0.5), Huber(0.5), HuberOfTheMean(5.0), nn.MSELoss(reduction="sum"):
    net.zero_grad()
    loss = criterion(net(X), y)
    loss.backward()
    print(criterion, loss, loss.grad_fn.name(), net[0].weight.grad, net[1].bias.grad)
print(F.l1_loss(y, y * 3, reduction="sum"), F.l1_loss(y[:2], X[:2, :1], reduction="none"))

optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
criterion = Huber(delta=0.5)
for step in range(50):
    optimizer.zero_grad()
    loss = criterion(net(X), y)
    loss.backward()
    optimizer.step()
    if step % 10 == 9:
        print(step + 1, round(loss.item(), 4))
print(list(net.parameters()))
