"""TinyTorch: a small PyTorch, built notebook by notebook. Names are torch's."""

__version__ = "0.1.0"

# The dtypes are numpy's own. As torch does, `float` and `long` name the ones used by default.
from numpy import bool, float32, float64, int8, int32, int64, uint8
from numpy import float32 as float
from numpy import int64 as long

from tinytorch import _faces, datasets, nn, optim, transforms, utils

__getattr__, __dir__ = _faces.face(
    __name__,
    {
        "tensor": """
            Tensor Function Generator manual_seed tensor from_numpy
            zeros ones full empty arange linspace eye rand randn randint randperm
            zeros_like ones_like full_like empty_like rand_like randn_like randint_like
            cat stack where matmul broadcast_shapes
        """,
        "tensor.Tensor": """
            exp log sqrt abs clip clamp sum mean max min var std argmax argmin
            reshape flatten transpose permute squeeze unsqueeze split tril triu masked_fill
        """,
        "activations": "relu sigmoid tanh softmax log_softmax",
        "autograd": "no_grad enable_grad is_grad_enabled",
        "losses": "logsumexp",
        "training": "save load",
    },
)

# The module tinytorch.tensor and torch's function `tensor` share one name. Importing the module
# here, before anybody else can, leaves the name to the function in every order of imports.
if _faces.exported("tensor"):
    from tinytorch.tensor import tensor

# Tensors have backward() as soon as anything of the package is imported.
if _faces.exported("autograd"):
    _faces.load("autograd", "tensors have no backward()")
