"""Changes of images, handed on as torchvision.transforms names them."""

from tinytorch import _faces

__getattr__, __dir__ = _faces.face(
    __name__, {"dataloader": "Compose Normalize RandomHorizontalFlip RandomCrop"}
)
