"""How the package's faces hand names on: a name is looked up when it is first asked for."""

import sys
import warnings
from importlib import import_module
from importlib.util import find_spec
from operator import attrgetter
from types import ModuleType


def face(module_name, table):
    """Return the `__getattr__` and `__dir__` (PEP 562) of a module that hands names on.

    `table` says where names live: "layers" is the file tinytorch/layers.py, "tensor.Tensor" the
    class `Tensor` in tinytorch/tensor.py; its value lists the names, separated by blanks.
    """
    namespace = vars(sys.modules[module_name])
    homes = {name: home for home, names in table.items() for name in names.split()}

    def __getattr__(name):
        if name not in homes:
            raise _unknown(module_name, name, homes)
        namespace[name] = _fetch(f"{module_name}.{name}", homes[name])
        return namespace[name]

    def __dir__():
        here = [name for name, home in homes.items() if exported(home.partition(".")[0])]
        own = [name for name, value in namespace.items() if not _is_exported_file(name, value)]
        return sorted({*own, *here})

    return __getattr__, __dir__


def exported(module):
    """Whether tinytorch/`module`.py is there."""
    return find_spec(f"tinytorch.{module}") is not None


def load(module, otherwise):
    """Import tinytorch/`module`.py; a mistake in it is a warning, so that all others still work."""
    try:
        import_module(f"tinytorch.{module}")
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        warnings.warn(f"{otherwise}: tinytorch/{module}.py: {reason}", stacklevel=3)


def _is_exported_file(name, value):
    """Whether `value` is tinytorch/`name`.py, which is in its package only because it is loaded."""
    is_module = isinstance(value, ModuleType) and value.__name__ == f"tinytorch.{name}"
    return is_module and not hasattr(value, "__path__")


def _fetch(full_name, home):
    module, _, owner = home.partition(".")
    path = ".".join(filter(None, [owner, full_name.rpartition(".")[2]]))
    # ImportError throughout: `from tinytorch import x` would swallow an AttributeError's message.
    if not exported(module):
        raise ImportError(
            f"{full_name} is taught in the module '{module}', which is not exported here yet: "
            f"run `tito export {module}`"
        )
    try:
        return attrgetter(path)(import_module(f"tinytorch.{module}"))
    except AttributeError as error:
        raise ImportError(
            f"{full_name} does not come from tinytorch/{module}.py: {error}"
        ) from error


def _unknown(module_name, name, known):
    import difflib  # here, because only a slip needs it

    close = difflib.get_close_matches(name, known, n=1)
    hint = f": did you mean '{close[0]}'?" if close else ""
    # `name` keeps Python's traceback from adding its own guess after ours.
    return AttributeError(f"module '{module_name}' has no attribute '{name}'{hint}", name=name)
