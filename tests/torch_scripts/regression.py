"""Fit a noisy curve: SGD with Nesterov's momentum, mini-batches cut by hand."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.hidden = nn.Linear(1, hidden)
        self.output = nn.Linear(hidden, 1)

    def forward(self, x):
        return self.output(torch.tanh(self.hidden(x)))


# The random numbers are numpy's: data, first weights and batches are then the same everywhere.
random = np.random.default_rng(0)
x = torch.from_numpy(random.uniform(-3, 3, (400, 1)).astype(np.float32))
noise = torch.from_numpy(random.normal(0, 0.05, (400, 1)).astype(np.float32))
y = 0.1 * x**3 - 0.5 * x + noise

model = Net(32)
with torch.no_grad():
    for p in model.parameters():
        p[...] = torch.from_numpy(random.uniform(-0.5, 0.5, tuple(p.shape)).astype(np.float32))

optimizer = torch.optim.SGD(
    model.parameters(), lr=0.02, momentum=0.9, nesterov=True, weight_decay=1e-4
)
losses = []
for _epoch in range(20):
    for rows in torch.from_numpy(random.permutation(len(x))).split(40):
        optimizer.zero_grad()
        loss = F.mse_loss(model(x[rows]), y[rows])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
