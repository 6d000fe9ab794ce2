"""Data sets and loaders, handed on as torch.utils.data names them."""

from tinytorch import _faces

__getattr__, __dir__ = _faces.face(
    __name__,
    {
        "dataloader": """
            Dataset TensorDataset Subset ConcatDataset random_split DataLoader default_collate
            Sampler SequentialSampler RandomSampler BatchSampler
        """,
    },
)
