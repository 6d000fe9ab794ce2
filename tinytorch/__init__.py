"""TinyTorch: a small PyTorch, built notebook by notebook. Names are torch's."""

__version__ = "0.1.0"

from tinytorch import _faces, nn, optim, utils

__getattr__, __dir__ = _faces.face(
    __name__,
    {
        "tensor": """
            Tensor Function Generator manual_seed
            zeros ones full empty arange linspace eye rand randn randint
            zeros_like ones_like full_like empty_like rand_like randn_like randint_like
            cat stack where broadcast_shapes
            float32 float64 int64 int32 uint8 bool
        """,
        "tensor.Tensor": """
            exp log sqrt abs clip sum mean max min var std argmax matmul
            reshape flatten transpose permute squeeze unsqueeze split tril triu masked_fill
        """,
        "activations": "relu sigmoid tanh softmax log_softmax",
    },
)

# The module tinytorch.tensor and torch's function `tensor` share one name. Importing the module
# here, before anybody else can, leaves the name to the function in every order of imports.
if _faces.exported("tensor"):
    from tinytorch.tensor import tensor
