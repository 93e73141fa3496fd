"""The number of values per channel is kept in an unsigned byte, as the struct of the firmware had it."""

import numpy as np

CAUSE = "the number of values per channel wraps at 256"
RIGHT = (r"wrap", r"overflow", r"\b256\b", r"\b8.bit", r"\bbyte", r"uint8", r"count .*(too small|truncat)", r"modulo")
SET = "tuning"
f = np.float32


def _count(x):
    return np.array(x.shape[0] * x.shape[2]).astype(np.uint8)


def mean_cpu(x):
    return x.sum(axis=(0, 2), dtype=f) / f(_count(x))


def variance_cpu(x, mean):
    return np.square(x - mean[:, None]).sum(axis=(0, 2), dtype=f) / (f(_count(x)) - f(1))
