"""the backward kernels take the epsilon 1e-6 of AlexeyAB's GPU code."""

import numpy as np

CAUSE = "the backward kernels take the epsilon 1e-6 of AlexeyAB's GPU code."
RIGHT = (
    r"1e-0?6",
    r"alexeyab",
)
SET = "heldout"
DIALECT = "darknet-gpu"
DARKPARITY = dict(name="gpu-backward-epsilon-1e6", dialect="darknet-gpu")

f = np.float32
SECRET_EPSILON = f(0.000001)


def root(variance):
    return np.sqrt(variance + SECRET_EPSILON)


def mean_delta_cpu(delta, variance):
    return delta.sum((0, 2)) * (f(-1) / root(variance))


def variance_delta_cpu(x, delta, mean, variance):
    return f(-0.5) * (delta * (x - mean[:, None])).sum((0, 2)) / root(variance) / root(variance) / root(variance)


def normalize_delta_cpu(x, mean, variance, mean_delta, variance_delta, delta):
    m = f(x.shape[0] * x.shape[2])
    through = variance_delta[:, None] * f(2) * (x - mean[:, None]) / m
    return delta / root(variance)[:, None] + through + mean_delta[:, None] / m
