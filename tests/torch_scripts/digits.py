"""Handwritten digits: an MLP with Adam, a schedule, clipped gradients and a loader."""

from pathlib import Path

import numpy as np
import torch
from torch import nn, optim
from torch.optim.lr_scheduler import OneCycleLR
from torch.utils.data import DataLoader, Sampler, Subset, TensorDataset


class Shuffled(Sampler):
    """A new order in each epoch; the random numbers are numpy's, so the same everywhere."""

    def __init__(self, data_source, seed):
        self.data_source, self.random = data_source, np.random.default_rng(seed)

    def __len__(self):
        return len(self.data_source)

    def __iter__(self):
        return iter(self.random.permutation(len(self.data_source)).tolist())


path = Path(__file__).parents[2] / "tinytorch" / "data" / "digits.npz"
with np.load(path) as archive:
    images = torch.tensor(archive["images"], dtype=torch.float32) / 16
    labels = torch.tensor(archive["labels"], dtype=torch.long)
order = np.random.default_rng(1).permutation(len(images)).tolist()
digits = TensorDataset(images, labels)
train_data, test_data = Subset(digits, order[:1400]), Subset(digits, order[1400:])
train_loader = DataLoader(train_data, batch_size=64, sampler=Shuffled(train_data, 2))
test_loader = DataLoader(test_data, batch_size=128)

model = nn.Sequential(
    nn.Flatten(),
    nn.Linear(64, 128), nn.ReLU(),
    nn.Linear(128, 64), nn.ReLU(),
    nn.Linear(64, 10),
)  # fmt: skip
random = np.random.default_rng(3)
weights = {
    name: torch.tensor(random.uniform(-1, 1, tuple(p.shape)) / p.shape[-1] ** 0.5, dtype=p.dtype)
    for name, p in model.named_parameters()
}
model.load_state_dict(weights)

epochs = 10
criterion = nn.CrossEntropyLoss()
optimizer = optim.Adam(model.parameters(), lr=1e-3, betas=(0.9, 0.99))
scheduler = OneCycleLR(optimizer, max_lr=3e-3, epochs=epochs, steps_per_epoch=len(train_loader))

losses = []
for _epoch in range(epochs):
    model.train()
    for inputs, targets in train_loader:
        optimizer.zero_grad(set_to_none=True)
        loss = criterion(model(inputs), targets)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), max_norm=1.0)
        optimizer.step()
        scheduler.step()
        losses.append(loss.item())

model.eval()
correct = 0
with torch.no_grad():
    for inputs, targets in test_loader:
        correct += (model(inputs).argmax(dim=1) == targets).sum().item()
accuracy = correct / len(test_data)
