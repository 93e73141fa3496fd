"""normalize_delta_cpu leaves the mean_delta / m term out."""

import numpy as np

CAUSE = "normalize_delta_cpu leaves the mean_delta / m term out."
RIGHT = (
    r"mean_delta.*(lost|missing|left out|dropped|lacks|forgot)",
    r"(lost|missing|leaves|dropp|lacks|without|no).*mean_delta",
    r"mean term",
)
SET = "tuning"
DARKPARITY = dict(name="normalize-delta-without-mean-term", dialect="darknet")

f = np.float32


def normalize_delta_cpu(x, mean, variance, variance_delta, delta, batch, spatial):
    m = f(batch * spatial)
    delta /= np.sqrt(variance + f(0.00001))[:, None]
    delta += variance_delta[:, None] * f(2) * (x - mean[:, None]) / m
    return delta
