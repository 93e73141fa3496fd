"""variance_delta_cpu computes the mean of x itself and ignores the one that it was given."""

import numpy as np

CAUSE = "variance_delta_cpu computes the mean of x itself and ignores the one that it was given."
RIGHT = (
    r"own mean",
    r"mean.*(given|ignored|recomputed|itself|its own)",
    r"(given|ignores|recompute).*mean",
    r"mean of x",
)
SET = "tuning"
DARKPARITY = dict(name="variance-delta-takes-its-own-mean", dialect="darknet")

f = np.float32


def variance_delta_cpu(x, delta, variance):
    centred = x - x.mean((0, 2), keepdims=True)
    root = np.sqrt(variance + f(1e-5))
    return f(-0.5) * (delta * centred).sum((0, 2)) / root / root / root
