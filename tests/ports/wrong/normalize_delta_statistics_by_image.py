"""normalize_delta_cpu reads variance with the image's index, not with the channel's."""

import numpy as np

CAUSE = "normalize_delta_cpu reads variance with the image's index, not with the channel's."
RIGHT = (
    r"image('s)? index",
    r"by (the )?image",
    r"index.*(image|batch)",
    r"(image|batch).*index",
    r"(another|other|wrong) channel",
)
SET = "heldout"
DIALECT = "darknet-gpu"
DARKPARITY = dict(name="normalize-delta-statistics-by-image", dialect="darknet-gpu")

f = np.float32


def normalize_delta_cpu(x, mean, variance, mean_delta, variance_delta, batch, filters, spatial, delta):
    m = f(batch * spatial)
    for j in range(batch):
        for i in range(filters):
            root = np.sqrt(variance[j % filters] + f(1e-5))
            delta[j, i] = delta[j, i] / root + variance_delta[i] * f(2) * (x[j, i] - mean[i]) / m + mean_delta[i] / m
