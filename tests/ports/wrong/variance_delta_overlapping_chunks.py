"""variance_delta_cpu splits the channel into chunks of 16 whose ends are inclusive: boundary values count twice."""

import numpy as np

CAUSE = "variance_delta_cpu splits the channel into chunks of 16 whose ends are inclusive: boundary values count twice."
RIGHT = (
    r"twice",
    r"overlap",
    r"boundar",
    r"chunk",
    r"every 16",
)
SET = "tuning"
DIALECT = "darknet-gpu"
DARKPARITY = dict(name="variance-delta-overlapping-chunks", dialect="darknet-gpu")

f = np.float32
CHUNK = 16


def chunked(values):
    starts = range(0, len(values), CHUNK)
    return f(sum(values[s : s + CHUNK + 1].sum() for s in starts))


def variance_delta_cpu(x, delta, mean, variance, filters):
    products = [(delta[:, i] * (x[:, i] - mean[i])).ravel() for i in range(filters)]
    root = np.sqrt(variance + f(1e-5))
    return f(-0.5) * np.array([chunked(p) for p in products], f) / root / root / root
