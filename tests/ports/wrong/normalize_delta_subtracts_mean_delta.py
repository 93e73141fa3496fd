"""normalize_delta_cpu subtracts the mean_delta term, as in the closed form, though its minus sign is in it
already.
"""

import numpy as np

CAUSE = (
    "normalize_delta_cpu subtracts the mean_delta term, as in the closed form, though its minus sign is in it already."
)
RIGHT = (
    r"sign",
    r"subtract",
    r"minus",
    r"negat",
)
SET = "tuning"
DARKPARITY = dict(name="normalize-delta-subtracts-mean-delta", dialect="darknet")

f = np.float32


def normalize_delta_cpu(x, mean, variance, mean_delta, variance_delta, delta, size, batch):
    inverse = f(1) / np.sqrt(variance + f(1e-5))
    return (
        delta * inverse[:, None]
        - (mean_delta / f(size * batch))[:, None]
        + ((f(2) * variance_delta / f(size * batch))[:, None] * (x - mean[:, None]))
    )
