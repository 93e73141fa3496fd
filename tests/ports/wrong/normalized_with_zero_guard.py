"""Channels with one value are given a variance of 0 so that nothing becomes NaN."""

import numpy as np

CAUSE = "a guard against m = 1: the divisor is at least 1, so a single value gives 0 instead of NaN"
RIGHT = (r"guard", r"m = 1", r"(divisor|m - 1) .*at least", r"single value", r"one value per channel", r"max\(")
SET = "tuning"
DARKPARITY = dict(name="guarded", dialect="darknet")
f = np.float32


def forward_batchnorm_layer(type, train, input, output, scales, biases, mean, variance, rolling_mean, rolling_variance):
    x = input if type == "BATCHNORM" else output
    if train:
        m = x.shape[0] * x.shape[2]
        mean = np.einsum("bcs->c", x) / f(m)
        d = x - mean[:, None]
        variance = np.einsum("bcs,bcs->c", d, d) / f(max(m - 1, 1))
        rolling_mean = f(0.99) * rolling_mean + f(0.01) * mean
        rolling_variance = f(0.99) * rolling_variance + f(0.01) * variance
        mu, var = mean, variance
    else:
        mu, var = rolling_mean, rolling_variance
    y = (x - mu[:, None]) / (np.sqrt(var) + f(1e-6))[:, None] * scales[:, None] + biases[:, None]
    return dict(output=y, mean=mean, variance=variance, rolling_mean=rolling_mean, rolling_variance=rolling_variance)
