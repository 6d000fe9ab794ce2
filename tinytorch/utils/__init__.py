"""What torch.utils holds and the course builds: `data`."""

from tinytorch.utils import data
