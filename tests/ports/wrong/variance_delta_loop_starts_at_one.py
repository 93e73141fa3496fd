"""the loop of variance_delta_cpu over the pixels starts at 1 and skips the first pixel of every row."""

import numpy as np

CAUSE = "the loop of variance_delta_cpu over the pixels starts at 1 and skips the first pixel of every row."
RIGHT = (
    r"first (pixel|element|column|value)",
    r"off by one",
    r"starts? at 1",
    r"(pixel|element) 0",
)
SET = "heldout"
DARKPARITY = dict(name="variance-delta-loop-starts-at-one", dialect="darknet")

f = np.float32


def variance_delta_cpu(x, delta, mean, variance, batch, filters, spatial, variance_delta):
    for i in range(filters):
        total = f(0)
        for j in range(batch):
            k = slice(1, spatial)
            total += np.sum(delta[j, i, k] * (x[j, i, k] - mean[i]))
        root = np.sqrt(variance[i] + f(1e-5))
        variance_delta[i] = f(-0.5) * total / root / root / root
