"""variance_delta_cpu forgets the factor 0.5 that the derivative of the root brings."""

import numpy as np

CAUSE = "variance_delta_cpu forgets the factor 0.5 that the derivative of the root brings."
RIGHT = (
    r"0?\.5",
    r"half",
    r"1/2",
    r"twice",
)
SET = "heldout"
DIALECT = "alexeyab"
DARKPARITY = dict(name="variance-delta-missing-half", dialect="alexeyab")

f = np.float32


def variance_delta_cpu(x, delta, mean, variance, filters):
    out = np.zeros(filters, f)
    for i in range(filters):
        inverse = f(1) / np.sqrt(variance[i] + f(1e-5))
        out[i] = -np.sum(delta[:, i] * (x[:, i] - mean[i])) * inverse * inverse * inverse
    return out
