"""Computed channels-last and handed back with reshape where transpose was meant."""

import numpy as np

CAUSE = "the output is in NHWC order: reshaped instead of transposed back"
RIGHT = (
    r"NHWC",
    r"channels?.last",
    r"transpos",
    r"reshape",
    r"layout",
    r"axes|axis",
    r"interleav",
    r"order of the (elements|output)",
)
SET = "heldout"
DARKPARITY = dict(name="nhwc", dialect="pytorch")
f = np.float32


def forward_batchnorm_layer(type, train, input, output, scales, biases, rolling_mean, rolling_variance):
    x = input if type == "BATCHNORM" else output
    pixels = x.transpose(0, 2, 1).reshape(-1, x.shape[1])
    mean, variance = rolling_mean, rolling_variance
    if train:
        mean = pixels.mean(axis=0, dtype=f)
        variance = np.square(pixels - mean).mean(axis=0, dtype=f)
    y = (pixels - mean) / np.sqrt(variance + f(1e-5)) * scales + biases
    return dict(output=y.reshape(x.shape))
