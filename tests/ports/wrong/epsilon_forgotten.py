"""No epsilon at all: the porter thought a variance is never 0."""

import numpy as np

CAUSE = "epsilon is missing from the denominator"
RIGHT = (
    r"epsilon .*(missing|forgotten|left out|absent|dropped|is 0\b|of 0\b)",
    r"(no|without|lacks) (an )?epsilon",
    r"epsilon.{0,12}\b0(\.0)?\b(?!\.)",
)
SET = "tuning"
DARKPARITY = dict(name="fp64-inside", dialect="darknet")


def normalize_cpu(x, mean, variance):
    wide = x.astype(np.float64) - mean.astype(np.float64)[:, None]
    with np.errstate(all="ignore"):
        return (wide / np.sqrt(variance.astype(np.float64))[:, None]).astype(np.float32)


def forward_batchnorm_layer(type, train, input, output, scales, biases, rolling_mean, rolling_variance):
    x = (input if type == "BATCHNORM" else output).astype(np.float64)
    r_mean, r_variance = rolling_mean.astype(np.float64), rolling_variance.astype(np.float64)
    mean, variance = r_mean, r_variance
    m = x.shape[0] * x.shape[2]
    with np.errstate(all="ignore"):
        if train:
            mean = x.sum(axis=(0, 2)) / m
            variance = ((x - mean[:, None]) ** 2).sum(axis=(0, 2)) / np.float64(m - 1)
            r_mean, r_variance = 0.99 * r_mean + 0.01 * mean, 0.99 * r_variance + 0.01 * variance
        y = (x - mean[:, None]) / np.sqrt(variance)[:, None] * scales[:, None] + biases[:, None]
    return {
        name: a.astype(np.float32)
        for name, a in dict(output=y, rolling_mean=r_mean, rolling_variance=r_variance).items()
    }
