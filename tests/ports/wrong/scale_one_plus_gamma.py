"""Weights stored around zero, as in some frameworks: multiplies by 1 + scale."""

import numpy as np

CAUSE = "multiplies by 1 + scales instead of scales"
RIGHT = (
    r"1 \+ (scale|gamma)",
    r"(scale|gamma)\w* \+ 1",
    r"one plus",
    r"plus (1|one)",
    r"zero.cent(er|re)d",
    r"increased by (1|one)",
    r"offset of 1\b",
)
SET = "tuning"
DARKPARITY = dict(name="centred", dialect="keras")
f = np.float32


def forward_batchnorm_layer(type, train, input, output, scales, biases, mean, variance, rolling_mean, rolling_variance):
    x = input if type == "BATCHNORM" else output
    if train:
        mean = x.mean((0, 2), dtype=f)
        variance = ((x - mean[:, None]) ** 2).mean((0, 2), dtype=f)
        mu, var = mean, variance
        rolling_mean = f(0.99) * rolling_mean + f(0.01) * mean
        rolling_variance = f(0.99) * rolling_variance + f(0.01) * variance
    else:
        mu, var = rolling_mean, rolling_variance
    hat = (x - mu[:, None]) / np.sqrt(var + f(1e-3))[:, None]
    y = hat * (f(1) + scales)[:, None] + biases[:, None]
    return dict(output=y, mean=mean, variance=variance, rolling_mean=rolling_mean, rolling_variance=rolling_variance)
