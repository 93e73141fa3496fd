"""A line was copied and one name not changed: the mean is added to rolling_variance."""

import numpy as np

CAUSE = "the mean instead of the variance enters rolling_variance"
RIGHT = (
    r"mean .*(enters|added to|into|goes into) .*rolling_variance",
    r"rolling_variance .*\bmean\b(?! and)",
    r"mean instead of (the )?variance",
    r"mean .*rolled into",
)
SET = "heldout"
DARKPARITY = dict(name="copy-paste", dialect="alexeyab")
f = np.float32


def forward_batchnorm_layer(type, train, input, output, scales, biases, mean, variance, rolling_mean, rolling_variance):
    x = input if type == "BATCHNORM" else output
    decay, gain = (f(0.95), f(0.05)) if type == "CONNECTED" else (f(0.9), f(0.1))
    m = x.shape[0] * x.shape[2]
    mu, var = rolling_mean, rolling_variance
    if train:
        mu = mean = x.sum(axis=(0, 2), dtype=f) / f(m)
        var = variance = np.square(x - mean[:, None]).sum(axis=(0, 2), dtype=f) / f(m - 1)
        rolling_mean = decay * rolling_mean
        rolling_mean = rolling_mean + gain * mean
        rolling_variance = decay * rolling_variance
        rolling_variance = rolling_variance + gain * mean
    y = (x - mu[:, None]) / np.sqrt(var + f(1e-5))[:, None] * scales[:, None] + biases[:, None]
    return dict(output=y, mean=mean, variance=variance, rolling_mean=rolling_mean, rolling_variance=rolling_variance)
