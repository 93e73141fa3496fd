"""mean_delta_cpu gives each of four threads m // 4 values and nobody takes the remainder."""

import numpy as np

CAUSE = "mean_delta_cpu gives each of four threads m // 4 values and nobody takes the remainder."
RIGHT = (
    r"tail",
    r"remainder",
    r"multiple of",
    r"left over",
    r"m mod",
    r"last (few|values|pixels|elements)",
)
SET = "heldout"
DARKPARITY = dict(name="mean-delta-chunks-lose-the-remainder", dialect="darknet")

THREADS = 4


def channel_sum(values):
    share = len(values) // THREADS
    partial = [values[t * share : (t + 1) * share].sum() for t in range(THREADS)]
    return np.float32(sum(partial))


def mean_delta_cpu(delta, variance, filters):
    sums = np.array([channel_sum(delta[:, i].ravel()) for i in range(filters)], np.float32)
    return -sums / np.sqrt(variance + np.float32(1e-5))
