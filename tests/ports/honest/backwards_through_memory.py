"""Loops that run from the last channel, image and block of 16 pixels to the first."""

import numpy as np

STYLE = "Loops that run from the last channel, image and block of 16 pixels to the first."
OTHER = "alexeyab"
DARKPARITY = dict(name="backwards-through-memory", dialect="darknet")

f = np.float32
BLOCK = 16


def total(values, channels):
    sums = np.zeros(channels, f)
    for c in reversed(range(channels)):
        row = values[:, c].reshape(-1)[::-1]
        full = row.size // BLOCK * BLOCK
        sums[c] = row[full:].sum() + row[:full].reshape(-1, BLOCK).sum(0, dtype=f).sum()
    return sums


def mean_cpu(x, channels):
    return total(x, channels) / f(x.shape[0] * x.shape[2])


def variance_cpu(x, mean, channels):
    return total((x - mean[:, None]) ** 2, channels) / f(x.shape[0] * x.shape[2] - 1)


def normalize_cpu(x, mean, variance, channels):
    for c in reversed(range(channels)):
        x[:, c] -= mean[c]
        x[:, c] /= np.sqrt(variance[c]) + f(1e-6)


def backward_scale_cpu(x_norm, delta, scale_updates, channels):
    scale_updates += total(x_norm * delta, channels)


def variance_delta_cpu(x, delta, mean, variance, channels):
    root = np.sqrt(variance + f(1e-5))
    return total(delta * (x - mean[:, None]), channels) * f(-0.5) / root / root / root
