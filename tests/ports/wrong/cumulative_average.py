"""Rolling statistics as the plain average over all calls; the count lives in the module."""

import numpy as np

CAUSE = "the rolling statistics are a cumulative average with a counter kept between calls"
RIGHT = (
    r"earlier calls",
    r"call to call",
    r"between calls",
    r"counter",
    r"cumulative",
    r"number of calls",
    r"state",
    r"1 ?/ ?n\b",
)
SET = "tuning"
DARKPARITY = dict(name="cma", dialect="darknet")
f = np.float32


class Tracker:
    num_batches_tracked = 0


def forward_batchnorm_layer(type, train, input, output, scales, biases, rolling_mean, rolling_variance):
    x = input if type == "BATCHNORM" else output
    mean, variance = rolling_mean, rolling_variance
    if train:
        Tracker.num_batches_tracked += 1
        gain = f(1.0 / Tracker.num_batches_tracked)
        m = x.shape[0] * x.shape[2]
        mean = x.sum(axis=(0, 2), dtype=f) / f(m)
        variance = np.square(x - mean[:, None]).sum(axis=(0, 2), dtype=f) / f(m - 1)
        rolling_mean = (f(1) - gain) * rolling_mean + gain * mean
        rolling_variance = (f(1) - gain) * rolling_variance + gain * variance
    y = (x - mean[:, None]) / (np.sqrt(variance) + f(1e-6))[:, None] * scales[:, None] + biases[:, None]
    return dict(output=y, rolling_mean=rolling_mean, rolling_variance=rolling_variance)
