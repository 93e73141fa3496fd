"""The channel sum is assigned anew for every image instead of added up: only the last image counts."""

import numpy as np

CAUSE = "the sum over the batch is overwritten by each image: only the last image enters the mean"
RIGHT = (r"last image", r"only .*\bone image", r"overwrit\w+ .*image", r"image.* (not|instead of) (add|accumulat|sum)")
SET = "tuning"
DARKPARITY = dict(name="loops", dialect="darknet")


def mean_cpu(x, batch, filters, spatial):
    flat = x.ravel()
    mean = np.zeros(filters, np.float32)
    scale = np.float32(1.0 / (batch * spatial))
    for i in range(filters):
        for j in range(batch):
            start = (j * filters + i) * spatial
            mean[i] = flat[start : start + spatial].sum(dtype=np.float32)
        mean[i] *= scale
    return mean


def variance_cpu(x, mean, batch, filters, spatial):
    flat = x.ravel()
    variance = np.zeros(filters, np.float32)
    for i in range(filters):
        for j in range(batch):
            start = (j * filters + i) * spatial
            d = flat[start : start + spatial] - mean[i]
            variance[i] += np.dot(d, d)
    return variance / np.float32(batch * spatial - 1)
