"""normalize_delta_cpu divides by m - 1, consistent with the variance but not with DarkNet."""

import numpy as np

CAUSE = "normalize_delta_cpu divides by m - 1, consistent with the variance but not with DarkNet."
RIGHT = (
    r"m ?- ?1",
    r"bessel",
    r"unbiased",
)
SET = "heldout"
DARKPARITY = dict(name="normalize-delta-over-m-minus-1", dialect="darknet")

f = np.float32


def normalize_delta_cpu(x, mean, variance, mean_delta, variance_delta, delta, batch, spatial):
    n = f(batch * spatial - 1)
    grad = delta / np.sqrt(variance + f(1e-5))[:, None]
    grad += (variance_delta * f(2))[:, None] * (x - mean[:, None]) / n
    return grad + mean_delta[:, None] / n
