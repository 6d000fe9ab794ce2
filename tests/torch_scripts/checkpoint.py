"""A run that is cut off, saved and continued by new objects ends as if it never was cut off."""

import os
import tempfile

import numpy as np
import torch
from torch import nn, optim
from torch.optim.lr_scheduler import StepLR

random = np.random.default_rng(0)
inputs = torch.tensor(random.normal(size=(256, 8)), dtype=torch.float32)
targets = (inputs[:, 0] * inputs[:, 1] > 0).float().unsqueeze(1)
first_weights = {
    "0.weight": random.normal(0, 0.4, (16, 8)),
    "0.bias": np.zeros(16),
    "2.weight": random.normal(0, 0.4, (1, 16)),
    "2.bias": np.zeros(1),
}


def make():
    model = nn.Sequential(nn.Linear(8, 16), nn.GELU(), nn.Linear(16, 1))
    optimizer = optim.AdamW(model.parameters(), lr=0.01, weight_decay=0.05)
    return model, optimizer, StepLR(optimizer, step_size=60, gamma=0.5)


def train(model, optimizer, scheduler, steps):
    criterion = nn.BCEWithLogitsLoss()
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
        scheduler.step()
        losses.append(loss.item())
    return losses


def begin():
    model, optimizer, scheduler = make()
    model.load_state_dict({name: torch.tensor(w).float() for name, w in first_weights.items()})
    return model, optimizer, scheduler


uncut = train(*begin(), steps=200)

model, optimizer, scheduler = begin()
losses = train(model, optimizer, scheduler, steps=100)
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "checkpoint.pt")
    torch.save(
        {
            "step": 100,
            "model": model.state_dict(),
            "optimizer": optimizer.state_dict(),
            "scheduler": scheduler.state_dict(),
        },
        path,
    )
    checkpoint = torch.load(path)

model, optimizer, scheduler = make()
model.load_state_dict(checkpoint["model"])
optimizer.load_state_dict(checkpoint["optimizer"])
scheduler.load_state_dict(checkpoint["scheduler"])
losses += train(model, optimizer, scheduler, steps=200 - checkpoint["step"])
