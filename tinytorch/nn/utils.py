"""Helpers for training, handed on as torch.nn.utils names them."""

from tinytorch import _faces

__getattr__, __dir__ = _faces.face(__name__, {"training": "clip_grad_norm_"})
