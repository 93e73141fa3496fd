"""normalize_delta_cpu adds its 1e-5 outside the root, as AlexeyAB's fork does."""

import numpy as np

CAUSE = "normalize_delta_cpu adds its 1e-5 outside the root, as AlexeyAB's fork does."
RIGHT = (
    r"outside",
    r"alexeyab",
)
SET = "tuning"
DARKPARITY = dict(name="normalize-delta-epsilon-outside", dialect="darknet")


def d(a):
    return a.astype(np.float64)


def single(a):
    return np.asarray(a).astype(np.float32)


def mean_cpu(x):
    return single(d(x).mean((0, 2)))


def variance_cpu(x, mean):
    return single(((d(x) - d(mean)[:, None]) ** 2).sum((0, 2)) / np.float64(x.shape[0] * x.shape[2] - 1))


def normalize_cpu(x, mean, variance):
    return single((d(x) - d(mean)[:, None]) / (np.sqrt(d(variance)) + 1e-6)[:, None])


def scale_bias(output, scales):
    return single(d(output) * d(scales)[:, None])


def add_bias(output, biases):
    return single(d(output) + d(biases)[:, None])


def backward_bias(bias_updates, delta):
    return single(d(bias_updates) + d(delta).sum((0, 2)))


def backward_scale_cpu(x_norm, delta, scale_updates):
    return single(d(scale_updates) + (d(x_norm) * d(delta)).sum((0, 2)))


def mean_delta_cpu(delta, variance):
    return single(-d(delta).sum((0, 2)) / np.sqrt(d(variance) + 1e-5))


def variance_delta_cpu(x, delta, mean, variance):
    return single(-0.5 * (d(delta) * (d(x) - d(mean)[:, None])).sum((0, 2)) * (d(variance) + 1e-5) ** -1.5)


def normalize_delta_cpu(x, mean, variance, mean_delta, variance_delta, delta):
    double = [a.astype("f8") for a in (x, mean, variance, mean_delta, variance_delta, delta)]
    x, mean, variance, mean_delta, variance_delta, delta = (a[:, None] if a.ndim == 1 else a for a in double)
    m = x.shape[0] * x.shape[2]
    grad = delta / (variance**0.5 + 1e-5) + variance_delta * 2 * (x - mean) / m + mean_delta / m
    return grad.astype("f4")
