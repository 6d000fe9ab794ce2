"""Activations, layers and losses as functions, handed on as torch.nn.functional names them."""

from tinytorch import _faces

__getattr__, __dir__ = _faces.face(
    __name__,
    {
        "activations": "relu leaky_relu sigmoid tanh gelu softmax log_softmax",
        "layers": "linear dropout",
        "spatial": "conv2d max_pool2d avg_pool2d adaptive_avg_pool2d batch_norm",
        "losses": """
            mse_loss l1_loss nll_loss cross_entropy
            binary_cross_entropy binary_cross_entropy_with_logits
        """,
    },
)
