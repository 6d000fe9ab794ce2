"""How weights begin, handed on as torch.nn.init names it."""

from tinytorch import _faces

__getattr__, __dir__ = _faces.face(
    __name__,
    {
        "layers": """
            kaiming_uniform_ kaiming_normal_ xavier_uniform_ xavier_normal_
            uniform_ normal_ constant_ zeros_ ones_ calculate_gain
        """,
    },
)
