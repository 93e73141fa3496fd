"""Welford's update with delta * delta: the difference to the new mean is forgotten."""

import numpy as np

CAUSE = "Welford's update multiplies by the difference to the old mean twice instead of old times new"
RIGHT = (r"welford", r"(difference|deviation)\w* (to|from) the (old|running|previous|partial) mean", r"running mean")
SET = "tuning"


def mean_cpu(x):
    return x.mean(axis=(0, 2), dtype=np.float32)


def variance_cpu(x, mean):
    """Streams over the pixels with a running mean; the mean given only shifts the start."""
    rows = x.transpose(0, 2, 1).reshape(-1, x.shape[1]) - mean
    running, m2 = np.zeros_like(mean), np.zeros_like(mean)
    for count, row in enumerate(rows, 1):
        delta = row - running
        running += delta / np.float32(count)
        m2 += delta * delta  # must be delta * (row - running)
    return m2 / np.float32(len(rows) - 1)
