"""U = I W + b: a resistance and an offset, out of ten measured currents and voltages."""

import sys

import torch
from torch import nn, optim
from torch.utils.data import DataLoader, Dataset

torch.manual_seed(int(sys.argv[1]))
torch.set_printoptions(sci_mode=False)

current = torch.linspace(0.1, 1, 10).unsqueeze(1)
voltage = current * 5 + 0.3 + 0.02 * torch.randn(10, 1)
print(torch.cat((current, voltage), 1))


class Measurements(Dataset):
    def __init__(self, current, voltage):
        self.current, self.voltage = current, voltage

    def __len__(self):
        return len(self.current)

    def __getitem__(self, index):
        return self.current[index], self.voltage[index]


W = torch.randn(1, 1, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
print(W, b)


def model(I):
    return torch.mm(I, W) + b


loader = DataLoader(Measurements(current, voltage), batch_size=4, shuffle=True)
criterion = nn.MSELoss()
optimizer = optim.SGD([W, b], lr=0.1)
print(optimizer)
for epoch in range(10):
    losses = []
    for I, U in loader:
        loss = criterion(model(I), U)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append("%.4f" % loss.item())
    print("epoch {}: W={:.4f}, b={:.4f}, losses {}".format(epoch + 1, W.item(), b.item(), losses))
    print(W, b, W.grad, b.grad)
print(model(current).detach().reshape(-1), loss)
