"""variance_delta_cpu raises to -3/2 in integer arithmetic, which is -1."""

import numpy as np

CAUSE = "variance_delta_cpu raises to -3/2 in integer arithmetic, which is -1."
RIGHT = (
    r"exponent",
    r"integer",
    r"\^-1\b",
    r"by (the )?variance",
)
SET = "tuning"
DARKPARITY = dict(name="variance-delta-integer-power", dialect="darknet")

f = np.float32


def int_divide(a, b):
    return int(a / b)  # as in C


def variance_delta_cpu(x, delta, mean, variance):
    power = int_divide(-3, 2)
    dot = (delta * (x - mean[:, None])).sum((0, 2))
    return f(-0.5) * dot * (variance + f(0.00001)) ** f(power)
