"""variance_delta_cpu forgets the factor 0.5 that the derivative of the root brings."""

import numpy as np

CAUSE = "variance_delta_cpu forgets the factor 0.5 that the derivative of the root brings."
RIGHT = (
    r"0?\.5",
    r"half",
    r"1/2",
    r"twice",
)
SET = "heldout"
DIALECT = "alexeyab"
DARKPARITY = dict(name="variance-delta-missing-half", dialect="alexeyab")

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


def variance_delta_cpu(x, delta, mean, variance, filters):
    out = np.zeros(filters, f)
    for i in range(filters):
        inverse = f(1) / np.sqrt(variance[i] + f(1e-5))
        out[i] = -np.sum(delta[:, i] * (x[:, i] - mean[i])) * inverse * inverse * inverse
    return out


def normalize_delta_cpu(x, mean, variance, mean_delta, variance_delta, delta):
    m = f(x.shape[0] * x.shape[2])
    for c in range(x.shape[1]):
        delta[:, c] = delta[:, c] * (f(1) / (np.sqrt(variance[c]) + EPSILON))
        delta[:, c] += variance_delta[c] * f(2) * (x[:, c] - mean[c]) / m + mean_delta[c] / m
