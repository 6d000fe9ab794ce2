"""Data to learn from, shipped or downloaded on request; torchvision.datasets names most of it."""

from tinytorch import _faces

__getattr__, __dir__ = _faces.face(
    __name__,
    {
        "dataloader": """
            Digits FashionMNISTSmall MobyDick MNIST FashionMNIST CIFAR10 TinyShakespeare
            stratified_split
        """,
    },
)
