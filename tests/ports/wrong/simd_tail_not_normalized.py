"""Eight lanes at a time over the whole tensor; what is left over after the last full vector is never touched."""

import numpy as np

CAUSE = "elements after the last full vector of 8 are not normalized"
RIGHT = (
    r"\btail",
    r"last .*(elements|vector|block)",
    r"multiple of",
    r"remain(der|ing)",
    r"left.?over",
    r"vector of \d",
    r"blocks? of \d",
)
SET = "tuning"
LANES = 8


def normalize_cpu(x, mean, variance, filters, spatial):
    values = x.reshape(-1)
    channel = np.arange(values.size) // spatial % filters
    full = values.size // LANES * LANES
    c = channel[:full]
    values[:full] = (values[:full] - mean[c]) / (np.sqrt(variance[c]) + np.float32(1e-6))
    return values.reshape(x.shape)
