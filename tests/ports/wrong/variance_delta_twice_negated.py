"""variance_delta_cpu follows a description with two minus signs and comes out positive."""

import numpy as np

CAUSE = "variance_delta_cpu follows a description with two minus signs and comes out positive."
RIGHT = (
    r"sign",
    r"minus",
    r"negat",
    r"positive",
)
SET = "heldout"
DARKPARITY = dict(name="variance-delta-twice-negated", dialect="darknet")

f = np.float32


def variance_delta_cpu(x, delta, mean, variance):
    power = np.power(variance.astype(np.float64) + 1e-5, -3.0 / 2.0).astype(f)
    return (delta * (mean[:, None] - x)).sum((0, 2)) * f(-0.5) * power
