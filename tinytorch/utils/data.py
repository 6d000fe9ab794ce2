"""Data sets and loaders, handed on as torch.utils.data names them."""

from tinytorch._faces import face

__getattr__, __dir__ = face(
    __name__,
    {"dataloader": "Dataset TensorDataset Subset ConcatDataset random_split DataLoader"},
)
