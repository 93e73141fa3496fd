"""Divides by the variance: the porter thought that the array held the standard deviation."""

import numpy as np

CAUSE = "divides by the variance, the root is forgotten"
RIGHT = (
    r"root .*(forgotten|missing|left out|not taken)",
    r"divide\w* by (the )?variance",
    r"(no|without|lacks) (a |the )?(square )?root",
    r"not .*(root|sqrt)",
)
SET = "heldout"


def normalize_cpu(x, mean, variance, batch, filters, spatial):
    flat = x.reshape(-1)
    out = np.empty_like(flat)
    for b in range(batch):
        for f in range(filters):
            index = b * filters * spatial + f * spatial
            out[index : index + spatial] = (flat[index : index + spatial] - mean[f]) / (
                variance[f] + np.float32(0.000001)
            )
    return out.reshape(x.shape)
