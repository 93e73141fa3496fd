"""To save time the statistics are taken from every second pixel."""

import numpy as np

CAUSE = "mean and variance are taken from every second pixel only"
RIGHT = (
    r"(every|each) (second|other)",
    r"stride",
    r"half of the",
    r"subsampl",
    r"sampled?\b",
    r"(part|some) of the (pixels|elements|values)",
    r"(odd|even) (pixels|elements|positions|columns)",
)
SET = "heldout"
DARKPARITY = dict(name="sampled", dialect="darknet")


def _thinned(x):
    return np.ascontiguousarray(x[:, :, ::2])


def mean_cpu(x):
    t = _thinned(x)
    return t.sum(axis=(0, 2), dtype=np.float32) / np.float32(t.shape[0] * t.shape[2])


def variance_cpu(x, mean):
    t = _thinned(x)
    return np.square(t - mean[:, None]).sum(axis=(0, 2), dtype=np.float32) / np.float32(t.shape[0] * t.shape[2] - 1)
