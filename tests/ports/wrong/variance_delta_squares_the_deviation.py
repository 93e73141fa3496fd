"""variance_delta_cpu sums delta (x - mean)^2: the square was copied from variance_cpu."""

import numpy as np

CAUSE = "variance_delta_cpu sums delta (x - mean)^2: the square was copied from variance_cpu."
RIGHT = (
    r"squar",
    r"\^2",
    r"power of the deviation",
)
SET = "tuning"
DARKPARITY = dict(name="variance-delta-squares-the-deviation", dialect="darknet")

f = np.float32


def deviation(x, mean, i):
    return np.power(x[:, i] - mean[i], f(2))


def variance_cpu(x, mean, batch, filters, spatial):
    scale = f(1) / f(batch * spatial - 1) if batch * spatial > 1 else f(np.inf)
    return np.array([deviation(x, mean, i).sum() * scale for i in range(filters)], f)


def variance_delta_cpu(x, delta, mean, variance, filters):
    root = np.sqrt(variance + f(1e-5))
    sums = np.array([(delta[:, i] * deviation(x, mean, i)).sum() for i in range(filters)], f)
    return f(-0.5) * sums / root / root / root
