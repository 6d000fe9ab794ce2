"""Activations and losses as functions, handed on as torch.nn.functional names them."""

from tinytorch._faces import face

__getattr__, __dir__ = face(
    __name__,
    {
        "activations": "relu leaky_relu sigmoid tanh gelu softmax log_softmax",
        "losses": """
            mse_loss l1_loss cross_entropy binary_cross_entropy binary_cross_entropy_with_logits
        """,
    },
)
