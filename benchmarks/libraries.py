"""The libraries that are measured. One that is not installed is named as missing."""

from dataclasses import dataclass, field
from importlib import import_module, metadata
from importlib.util import find_spec


@dataclass(frozen=True)
class Library:
    module: str  # what is imported, and what pip calls it
    description: str
    environment: dict[str, str] = field(default_factory=dict)  # what its process needs beside ours

    def is_installed(self) -> bool:
        return find_spec(self.module) is not None

    def version(self) -> str:
        """Of what pip installed; in a checkout that isn't installed, what the module says."""
        try:
            return metadata.version(self.module)
        except metadata.PackageNotFoundError:
            return import_module(self.module).__version__


LIBRARIES = {
    "tinytorch": Library("tinytorch", "this package"),
    "torch": Library("torch", "PyTorch, eager"),
    "numpy": Library("numpy", "written by hand, without a graph: what the arithmetic alone costs"),
    "jax": Library("jax", "compiled with jax.jit", {"JAX_PLATFORMS": "cpu"}),
    "autograd": Library("autograd", "HIPS autograd, on numpy"),
    "tinygrad": Library("tinygrad", "training steps compiled with TinyJit", {"DEV": "CPU"}),
    "micrograd": Library("micrograd", "one number at a time, in Python"),
}
