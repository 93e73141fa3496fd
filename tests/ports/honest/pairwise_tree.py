"""Sums by halving: left half plus right half, down to single values; declared as pairwise."""

import numpy as np

STYLE = "Sums by halving: left half plus right half, down to single values; declared as pairwise."
OTHER = "darknet-gpu"
DARKPARITY = dict(name="pairwise-tree", dialect="darknet", labels=("two_pass", "ieee", "pairwise"))

f = np.float32


def tree(values):
    rows = np.ascontiguousarray(values.transpose(1, 0, 2)).reshape(values.shape[1], -1)
    while rows.shape[1] > 1:
        if rows.shape[1] % 2:
            rows = np.concatenate([rows, np.zeros((len(rows), 1), f)], axis=1)
        rows = rows[:, 0::2] + rows[:, 1::2]
    return rows[:, 0]


def mean_cpu(x):
    return tree(x) / f(x.shape[0] * x.shape[2])


def variance_cpu(x, mean):
    return tree(np.square(x - mean[:, None])) / f(x.shape[0] * x.shape[2] - 1)


def normalize_cpu(x, mean, variance):
    return (x - mean[:, None]) / (np.sqrt(variance) + f(1e-6))[:, None]


def backward_bias(bias_updates, delta):
    return bias_updates + tree(delta)


def backward_scale_cpu(x_norm, delta, scale_updates):
    return scale_updates + tree(delta * x_norm)


def mean_delta_cpu(delta, variance):
    return -tree(delta) / np.sqrt(variance + f(1e-5))
