"""Learning-rate schedules, handed on as torch.optim.lr_scheduler names them."""

from tinytorch._faces import face

__getattr__, __dir__ = face(
    __name__, {"training": "StepLR CosineAnnealingLR LinearLR LambdaLR OneCycleLR"}
)
