"""Optimizers, handed on as torch.optim names them."""

from tinytorch import _faces
from tinytorch.optim import lr_scheduler

__getattr__, __dir__ = _faces.face(__name__, {"optimizers": "Optimizer SGD Adam AdamW RMSprop"})
