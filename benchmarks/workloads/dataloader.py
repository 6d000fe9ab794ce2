"""One epoch of a DataLoader: 60,000 rows of 784 float32 and their labels, in shuffled batches."""

import numpy as np

from benchmarks.workload import Workload

ROWS, COLUMNS, BATCH = 60_000, 784, 64


def data():
    """Rows and labels, as many as MNIST has; no page of them is left to the operating system."""
    x = np.arange(ROWS * COLUMNS, dtype=np.float32).reshape(ROWS, COLUMNS)
    return x, np.arange(ROWS) % 10


def like_torch(torch):
    x, y = (torch.from_numpy(array) for array in data())
    loader = torch.utils.data.DataLoader(
        torch.utils.data.TensorDataset(x, y), batch_size=BATCH, shuffle=True
    )

    def step():
        rows = 0
        for batch, _labels in loader:
            rows += len(batch)
        return torch.tensor(rows)

    return step


def by_hand(np):
    x, y = data()
    random = np.random.default_rng(0)

    def step():
        rows, order = 0, random.permutation(ROWS)
        for start in range(0, ROWS, BATCH):
            indices = order[start : start + BATCH]
            batch, _labels = x[indices], y[indices]
            rows += len(batch)
        return np.array(rows)

    return step


WORKLOADS = [
    Workload(
        "dataloader",
        "DataLoader, an epoch of 60,000×784, batches of 64, shuffled",
        {"tinytorch": like_torch, "torch": like_torch, "numpy": by_hand},
        must=2.0,
        goal=9.0,
    )
]
