"""mean_delta_cpu reuses the forward's denominator sqrt(variance) + 1e-6."""

import numpy as np

CAUSE = "mean_delta_cpu reuses the forward's denominator sqrt(variance) + 1e-6."
RIGHT = (
    r"1e-0?6.*outside",
    r"forward.*epsilon",
    r"the forward's",
    r"sqrt\(variance\) \+ 1e-0?6",
)
SET = "heldout"
DARKPARITY = dict(name="mean-delta-with-the-forward-epsilon", dialect="darknet")

EPSILON = np.float32(1e-6)


def standard_deviation(variance):
    return np.sqrt(variance) + EPSILON


def normalize_cpu(x, mean, variance):
    return (x - mean[:, None]) / standard_deviation(variance)[:, None]


def mean_delta_cpu(delta, variance):
    return -delta.sum((0, 2)) / standard_deviation(variance)
