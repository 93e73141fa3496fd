"""each block of variance_delta's kernel handles one filter but reads variance[0] for its power."""

import numpy as np

CAUSE = "each block of variance_delta's kernel handles one filter but reads variance[0] for its power."
RIGHT = (
    r"channel 0",
    r"first channel",
    r"variance\[0\]",
    r"(another|other|wrong) channel",
)
SET = "tuning"
DIALECT = "darknet-gpu"
DARKPARITY = dict(name="gpu-block-reads-first-variance", dialect="darknet-gpu")

f = np.float32


def variance_delta_kernel(i, x, delta, mean, variance, variance_delta):
    filter_variance = variance[:1]  # pointer without the block's offset
    power = f(np.float64(filter_variance[0] + f(1e-5)) ** -1.5)
    variance_delta[i] = (delta[:, i] * (x[:, i] - mean[i])).sum() * f(-0.5) * power


def variance_delta_cpu(x, delta, mean, variance, filters, variance_delta):
    for block in range(filters):
        variance_delta_kernel(block, x, delta, mean, variance, variance_delta)
