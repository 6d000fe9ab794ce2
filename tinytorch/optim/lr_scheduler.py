"""Learning-rate schedules, handed on as torch.optim.lr_scheduler names them."""

from tinytorch import _faces

__getattr__, __dir__ = _faces.face(
    __name__,
    {
        "training": """
            LRScheduler StepLR CosineAnnealingLR LinearLR LambdaLR OneCycleLR
            SequentialLR ChainedScheduler
        """,
    },
)
