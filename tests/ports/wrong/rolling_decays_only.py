"""scal_cpu is there, axpy_cpu was lost in a merge: the rolling statistics only fade."""

import numpy as np

CAUSE = "the batch statistics are not added to the rolling ones, which only decay"
RIGHT = (
    r"only decay",
    r"gain.{0,20}\b0\b(?!\.)",
    r"not added",
    r"axpy\w* .*(missing|skipped|left out|not)",
    r"(missing|skip\w*|without) .*axpy",
    r"batch .*(not|never) .*rolling",
    r"never added|nothing is added",
)
SET = "tuning"
DARKPARITY = dict(name="merged", dialect="darknet")
f = np.float32


def scal_cpu(N, ALPHA, X, INCX):
    for i in range(N):
        X[i * INCX] *= f(ALPHA)


def forward_batchnorm_layer(
    type,
    train,
    input,
    output,
    x,
    x_norm,
    scales,
    biases,
    mean,
    variance,
    rolling_mean,
    rolling_variance,
    batch,
    channels,
    spatial,
):
    x = (input if type == "BATCHNORM" else output).copy()
    if train:
        mean = x.sum(axis=(0, 2), dtype=f) / f(batch * spatial)
        variance = np.square(x - mean[:, None]).sum(axis=(0, 2), dtype=f) / f(batch * spatial - 1)
        scal_cpu(channels, 0.99, rolling_mean, 1)
        scal_cpu(channels, 0.99, rolling_variance, 1)
        x_norm = (x - mean[:, None]) / (np.sqrt(variance) + f(1e-6))[:, None]
        y = x_norm
    else:
        y = (x - rolling_mean[:, None]) / (np.sqrt(rolling_variance) + f(1e-6))[:, None]
    return y * scales[:, None] + biases[:, None], x, x_norm, mean, variance, rolling_mean, rolling_variance
