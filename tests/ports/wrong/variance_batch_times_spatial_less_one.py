"""The degrees of freedom are taken off the pixels of each image: batch * (spatial - 1)."""

import numpy as np

CAUSE = "the variance is divided by batch * (spatial - 1) instead of batch * spatial - 1"
RIGHT = (r"\(?spatial - 1\)?", r"m - batch", r"batch \* \(", r"divisor .*(each|per) image", r"one .*per image")
SET = "heldout"


def mean_cpu(x, batch, spatial):
    return x.sum((0, 2), dtype=np.float32) * np.float32(1.0 / (batch * spatial))


def variance_cpu(x, mean, batch, spatial):
    scale = np.float32(1.0) / np.float32(batch * (spatial - 1))
    return ((x - mean[None, :, None]) ** 2).sum((0, 2), dtype=np.float32) * scale
