"""mean_delta_cpu multiplies by 1 / sqrt(variance + epsilon) and forgets the minus sign."""

import numpy as np

CAUSE = "mean_delta_cpu multiplies by 1 / sqrt(variance + epsilon) and forgets the minus sign."
RIGHT = (
    r"sign",
    r"minus",
    r"negat",
    r"positive",
)
SET = "tuning"
DIALECT = "darknet-gpu"
DARKPARITY = dict(name="mean-delta-without-minus", dialect="darknet-gpu")


def mean_delta_cpu(delta, variance, batch, filters, spatial, mean_delta):
    for i in range(filters):
        mean_delta[i] = 0
        for j in range(batch):
            mean_delta[i] += delta[j, i].sum(dtype=np.float32)
        mean_delta[i] *= np.float32(1) / np.sqrt(variance[i] + np.float32(0.00001))
