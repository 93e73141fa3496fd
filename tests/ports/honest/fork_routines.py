"""AlexeyAB's routines over (channels, batch * spatial) matrices."""

import numpy as np

STYLE = "AlexeyAB's routines over (channels, batch * spatial) matrices."
OTHER = "darknet"
DARKPARITY = dict(name="fork-routines", dialect="alexeyab")

f = np.float32
EPSILON = f(0.00001)


def matrix(a):
    return a.transpose(1, 0, 2).reshape(a.shape[1], -1)


def mean_cpu(x):
    rows = matrix(x)
    return rows.sum(1) / f(rows.shape[1])


def variance_cpu(x, mean):
    rows = matrix(x) - mean[:, None]
    return (rows * rows).sum(1) / f(rows.shape[1] - 1)


def normalize_cpu(x, mean, variance):
    return (x - mean[None, :, None]) / np.sqrt(variance + EPSILON)[None, :, None]


def mean_delta_cpu(delta, variance):
    return matrix(delta).sum(1) * (f(-1) / np.sqrt(variance + EPSILON))


def variance_delta_cpu(x, delta, mean, variance):
    dot = (matrix(delta) * (matrix(x) - mean[:, None])).sum(1)
    return dot * f(-0.5) / np.sqrt(variance + EPSILON) / np.sqrt(variance + EPSILON) / np.sqrt(variance + EPSILON)


def normalize_delta_cpu(x, mean, variance, mean_delta, variance_delta, delta):
    m = f(x.shape[0] * x.shape[2])
    for c in range(x.shape[1]):
        delta[:, c] = delta[:, c] * (f(1) / (np.sqrt(variance[c]) + EPSILON))
        delta[:, c] += variance_delta[c] * f(2) * (x[:, c] - mean[c]) / m + mean_delta[c] / m
