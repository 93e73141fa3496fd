"""normalize_delta_cpu adds the three terms to delta instead of replacing it."""

import numpy as np

CAUSE = "normalize_delta_cpu adds the three terms to delta instead of replacing it."
RIGHT = (
    r"adds?.*to.*delta",
    r"accumulat",
    r"old delta",
    r"instead of replacing",
)
SET = "heldout"
DARKPARITY = dict(name="normalize-delta-adds-to-old-delta", dialect="darknet")

f = np.float32


def normalize_delta_cpu(x, mean, variance, mean_delta, variance_delta, delta):
    m = f(x.shape[0] * x.shape[2])
    first = delta / np.sqrt(variance + f(1e-5))[:, None]
    delta += first
    delta += variance_delta[:, None] * f(2) * (x - mean[:, None]) / m
    delta += mean_delta[:, None] / m
