"""momentum .99 taken for the weight of the new value."""

import numpy as np

CAUSE = "decay and gain are swapped: .01 of the old and .99 of the new statistics"
RIGHT = (
    r"(decay|gain) .*(swapped|exchanged|interchanged)",
    r"decay.{0,20}0?\.01",
    r"gain.{0,20}0?\.99",
    r"momentum .*(convention|swapped|1 -)",
    r"decay and gain",
    r"\.01 .*\.99",
)
SET = "heldout"
DARKPARITY = dict(name="momentum", dialect="darknet")
f = np.float32
MOMENTUM = f(0.99)


def running(old, new):
    return (f(1) - MOMENTUM) * old + MOMENTUM * new


def forward_batchnorm_layer(type, train, input, output, scales, biases, rolling_mean, rolling_variance):
    x = input if type == "BATCHNORM" else output
    m = x.shape[0] * x.shape[2]
    if train:
        mean = x.sum(axis=(0, 2), dtype=f) / f(m)
        variance = np.square(x - mean[:, None]).sum(axis=(0, 2), dtype=f) / f(m - 1)
        rolling_mean, rolling_variance = running(rolling_mean, mean), running(rolling_variance, variance)
    else:
        mean, variance = rolling_mean, rolling_variance
    y = (x - mean[:, None]) / (np.sqrt(variance) + f(1e-6))[:, None] * scales[:, None] + biases[:, None]
    return dict(output=y, rolling_mean=rolling_mean, rolling_variance=rolling_variance)
