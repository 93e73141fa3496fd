"""Sums of x and x^2 in one pass, in float64, around the mean that was given."""

import numpy as np

STYLE = "Sums of x and x^2 in one pass, in float64, around the mean that was given."
OTHER = "darknet-gpu"
DARKPARITY = dict(name="one-pass-in-float64", dialect="darknet")


def raw_moments(x):
    wide = x.astype(np.float64)
    return wide.sum((0, 2)), (wide * wide).sum((0, 2)), x.shape[0] * x.shape[2]


def mean_cpu(x):
    first, _, m = raw_moments(x)
    return (first / m).astype(np.float32)


def variance_cpu(x, mean):
    first, second, m = raw_moments(x - x[:1, :, :1])  # shifted by one value, so that nothing cancels
    shift = mean.astype(np.float64) - x[0, :, 0]
    return ((second - 2 * shift * first + m * shift * shift) / np.float64(m - 1)).astype(np.float32)


def normalize_cpu(x, mean, variance):
    return ((x - mean[:, None]) / (np.sqrt(variance) + np.float32(1e-6))[:, None]).astype(np.float32)
