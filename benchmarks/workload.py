"""What a workload is: one function per library, and what it has to reach."""

from collections.abc import Callable
from dataclasses import dataclass, field

Step = Callable[[], object]  # does the work once and returns its result


@dataclass(frozen=True)
class Workload:
    """Something to measure, and how each library does it.

    A function in `steps` gets the library's module, the `options`, and returns a step. Its results
    have `sum()` and `item()`; libraries whose results differ did different work, which is an error.
    `must` and `goal` are ratios: the speed of tinytorch / the speed of the library `against`.
    With `varies` it is measured at each of `sizes`, passed under that name, to see how cost grows.
    """

    name: str
    title: str
    steps: dict[str, Callable[..., Step]]
    options: dict = field(default_factory=dict)
    against: str = "torch"
    must: float | None = None
    goal: float | None = None
    varies: str | None = None
    sizes: tuple[int, ...] = ()
    times_itself: bool = False  # its step returns seconds
    trains: bool = False  # the memory of its step is measured too

    def cases(self, quick: bool) -> tuple[int | None, ...]:
        """The sizes to measure, only the smallest two if it is to be quick; None if it has none."""
        return (self.sizes[:2] if quick else self.sizes) or (None,)

    def step(self, library: str, module, size: int | None) -> Step:
        """The work of one library at one size, ready to be called."""
        varied = {} if size is None else {self.varies: size}
        return self.steps[library](module, **self.options, **varied)
