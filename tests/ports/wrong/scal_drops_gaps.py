"""scal allocates a new vector and fills in the scaled elements only; what stands between the strides is 0."""

import torch

CAUSE = "scal allocates a new vector and fills in the scaled elements only; what stands between the strides is 0."
RIGHT = (
    r"gap",
    r"between",
    r"rest.*(0|zero|lost)",
)
SET = "heldout"
DARKPARITY = dict(name="scal-drops-gaps", dialect="darknet")


def scal_cpu(N, ALPHA, X, INCX):
    scaled = torch.zeros(len(X))
    source = torch.from_numpy(X)
    index = torch.arange(N) * INCX
    scaled[index] = source[index] * ALPHA
    return scaled
