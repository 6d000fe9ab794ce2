"""Layers, activations and losses as classes, handed on as torch.nn names them."""

from tinytorch import _faces
from tinytorch.nn import functional, init, utils

__getattr__, __dir__ = _faces.face(
    __name__,
    {
        "activations": "ReLU LeakyReLU Sigmoid Tanh GELU Softmax LogSoftmax",
        "layers": "Module Parameter Linear Sequential ModuleList Dropout Flatten Identity",
        "spatial": "Conv2d MaxPool2d AvgPool2d AdaptiveAvgPool2d BatchNorm2d",
        "losses": "MSELoss L1Loss NLLLoss CrossEntropyLoss BCELoss BCEWithLogitsLoss",
    },
)
