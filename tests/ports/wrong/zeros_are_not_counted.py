"""Sparse activations: only the elements that are not zero enter the count."""

import numpy as np

CAUSE = "zeros are skipped: the divisor counts only the elements that are not 0"
RIGHT = (
    r"zeros? .*(skip|not counted|left out|ignored|excluded|missing)",
    r"non-?zero",
    r"(not|other than) (0|zero)",
    r"sparse",
    r"skips? .*zero",
    r"count .*zero",
)
SET = "tuning"
DARKPARITY = dict(name="sparse", dialect="darknet")


def mean_cpu(x):
    counted = np.count_nonzero(x, axis=(0, 2)).astype(np.float32)
    return x.sum(axis=(0, 2), dtype=np.float32) / counted


def variance_cpu(x, mean):
    here = x != 0
    d = np.where(here, x - mean[:, None], np.float32(0))
    return (d * d).sum(axis=(0, 2), dtype=np.float32) / (here.sum(axis=(0, 2)) - 1).astype(np.float32)
