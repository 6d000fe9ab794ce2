"""Optimizers, handed on as torch.optim names them."""

from tinytorch._faces import face
from tinytorch.optim import lr_scheduler

__getattr__, __dir__ = face(__name__, {"optimizers": "Optimizer SGD Adam AdamW RMSprop"})
