"""mean_delta_cpu sets mean_delta to 0 inside the loop over the images, so only the last one counts."""

import numpy as np

CAUSE = "mean_delta_cpu sets mean_delta to 0 inside the loop over the images, so only the last one counts."
RIGHT = (
    r"last image",
    r"only the last",
    r"images? but the last",
)
SET = "tuning"
DIALECT = "darknet-gpu"
DARKPARITY = dict(name="mean-delta-reset-for-every-image", dialect="darknet-gpu")


def mean_delta_cpu(delta, variance, batch, filters, spatial, mean_delta):
    flat = delta.ravel()
    for i in range(filters):
        for j in range(batch):
            mean_delta[i] = 0
            start = (j * filters + i) * spatial
            mean_delta[i] += flat[start : start + spatial].sum()
        mean_delta[i] *= np.float32(-1) / np.sqrt(variance[i] + np.float32(1e-5))
