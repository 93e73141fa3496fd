"""A vector kernel without its scalar epilogue, and the bias read from a buffer that was never filled."""

import numpy as np

CAUSE = "elements after the last full vector of 4 are not normalized, and no bias is added"
RIGHT = (r"(tail|last|multiple|vector|left over).*bias", r"bias.*(tail|last|multiple|vector|left over)")
SET = "tuning"
DARKPARITY = dict(name="dsp", dialect="darknet")
f = np.float32


def forward_batchnorm_layer(type, train, input, output, scales, biases, rolling_mean, rolling_variance, spatial):
    x = input if type == "BATCHNORM" else output
    mean, variance = rolling_mean, rolling_variance
    if train:
        m = x.shape[0] * x.shape[2]
        mean = x.sum((0, 2), dtype=f) / f(m)
        variance = np.square(x - mean[:, None]).sum((0, 2), dtype=f) / f(m - 1)
    full = spatial - spatial % 4
    bias_buffer = np.zeros_like(biases)
    y = x.copy()
    y[..., :full] = (x[..., :full] - mean[:, None]) / (np.sqrt(variance) + f(1e-6))[:, None]
    y *= scales[:, None]
    y += bias_buffer[:, None]
    return dict(output=y)
