"""Layers, activations and losses as classes, handed on as torch.nn names them."""

from tinytorch._faces import face
from tinytorch.nn import functional, init

__getattr__, __dir__ = face(
    __name__,
    {
        "activations": "ReLU LeakyReLU Sigmoid Tanh GELU Softmax LogSoftmax",
        "layers": "Module Parameter Linear Sequential ModuleList Dropout Flatten Identity",
        "losses": "MSELoss L1Loss CrossEntropyLoss BCELoss BCEWithLogitsLoss",
    },
)
