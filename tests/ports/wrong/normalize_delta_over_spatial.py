"""normalize_delta_cpu divides by the number of pixels and forgets the batch."""

import numpy as np

CAUSE = "normalize_delta_cpu divides by the number of pixels and forgets the batch."
RIGHT = (
    r"spatial",
    r"number of pixels",
    r"forgets the batch",
)
SET = "tuning"
DARKPARITY = dict(name="normalize-delta-over-spatial", dialect="darknet")

f = np.float32


def normalize_delta_cpu(x, mean, variance, mean_delta, variance_delta, batch, filters, spatial, delta):
    for j in range(batch):
        for i in range(filters):
            own = delta[j, i] / np.sqrt(variance[i] + f(1e-5))
            spread = variance_delta[i] * f(2) * (x[j, i] - mean[i]) / f(spatial)
            delta[j, i] = own + spread + mean_delta[i] / f(spatial)
