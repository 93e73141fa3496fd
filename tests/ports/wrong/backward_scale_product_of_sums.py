"""backward_scale_cpu multiplies the sum of delta by the mean of x_norm instead of summing their products."""

import numpy as np

CAUSE = "backward_scale_cpu multiplies the sum of delta by the mean of x_norm instead of summing their products."
RIGHT = (
    r"product of",
    r"separately",
    r"mean of x_norm",
    r"sum\(x_norm\)",
)
SET = "tuning"
DARKPARITY = dict(name="backward-scale-product-of-sums", dialect="darknet")

f = np.float32


def backward_scale_cpu(x_norm, delta, scale_updates):
    m = f(delta.shape[0] * delta.shape[2])
    return scale_updates + delta.sum((0, 2)) * x_norm.sum((0, 2)) / m
