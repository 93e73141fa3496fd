"""Statistics of chunks are averaged: means right, but the spread between the chunks' means is missing."""

import numpy as np

CAUSE = "variances of the images are averaged; the spread between the images' means is left out"
RIGHT = (
    r"between (the )?(images|chunks|blocks|batches|means)",
    r"(average|mean)\w* of .*variances",
    r"variances? .*averag",
    r"each image's own mean",
    r"per.image (mean|variance)",
    r"(variance|mean) of each image",
    r"image by image",
)
SET = "heldout"
DARKPARITY = dict(name="multi-device", dialect="darknet")
f = np.float32


def synchronized(x):
    """One image per device, then all-reduce."""
    means = x.mean(axis=2, dtype=f)
    squares = ((x - means[:, :, None]) ** 2).sum(axis=2, dtype=f)
    m = f(x.shape[0] * x.shape[2] - 1)
    return means.mean(axis=0, dtype=f), squares.sum(axis=0, dtype=f) / m


def forward_batchnorm_layer(type, train, input, output, scales, biases, mean, variance, rolling_mean, rolling_variance):
    x = input if type == "BATCHNORM" else output
    if train:
        mean, variance = synchronized(x)
        rolling_mean = f(0.99) * rolling_mean + f(0.01) * mean
        rolling_variance = f(0.99) * rolling_variance + f(0.01) * variance
    mu, var = (mean, variance) if train else (rolling_mean, rolling_variance)
    y = (x - mu[:, None]) / (np.sqrt(var) + f(1e-6))[:, None] * scales[:, None] + biases[:, None]
    return dict(output=y, mean=mean, variance=variance, rolling_mean=rolling_mean, rolling_variance=rolling_variance)
