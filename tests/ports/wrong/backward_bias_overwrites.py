"""backward_bias stores the sum of delta in bias_updates instead of adding it to the old content."""

import numpy as np

CAUSE = "backward_bias stores the sum of delta in bias_updates instead of adding it to the old content."
RIGHT = (
    r"overw",
    r"accumulat",
    r"old (content|value)",
    r"not add",
    r"assign",
    r"starts? (at|from) (0|zero)",
)
SET = "tuning"
DARKPARITY = dict(name="backward-bias-overwrites", dialect="darknet")


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


def backward_bias(bias_updates, delta, n):
    for i in range(n):
        bias_updates[i] = delta[:, i].sum()


def backward_scale_cpu(x_norm, delta, scale_updates):
    return single(d(scale_updates) + (d(x_norm) * d(delta)).sum((0, 2)))


def mean_delta_cpu(delta, variance):
    return single(-d(delta).sum((0, 2)) / np.sqrt(d(variance) + 1e-5))


def variance_delta_cpu(x, delta, mean, variance):
    return single(-0.5 * (d(delta) * (d(x) - d(mean)[:, None])).sum((0, 2)) * (d(variance) + 1e-5) ** -1.5)


def normalize_delta_cpu(x, mean, variance, mean_delta, variance_delta, delta):
    m = x.shape[0] * x.shape[2]
    through = d(variance_delta)[:, None] * 2 * (d(x) - d(mean)[:, None]) / m
    return single(d(delta) / np.sqrt(d(variance) + 1e-5)[:, None] + through + d(mean_delta)[:, None] / m)
