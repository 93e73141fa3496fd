"""The port was written for convolutional layers: a BATCHNORM layer, too, starts from `output`."""

import numpy as np

CAUSE = "a BATCHNORM layer starts from output instead of input"
RIGHT = (
    r"input .*(not copied|ignored|never|instead)",
    r"output .*(instead of|for|in place of) .*input",
    r"copy\w* .*(missing|skipped|left out)",
    r"(old|stale|previous) (content\w* of )?output",
    r"(not|instead of) .*input",
)
SET = "heldout"
DARKPARITY = dict(name="conv-only", dialect="darknet")
f = np.float32


def forward_batchnorm_layer(type, train, output, scales, biases, mean, variance, rolling_mean, rolling_variance):
    x = output.copy()
    m = x.shape[0] * x.shape[2]
    mu, var = rolling_mean, rolling_variance
    if train:
        mu = mean = np.add.reduce(x, axis=(0, 2), dtype=f) / f(m)
        var = variance = np.add.reduce((x - mean[:, None]) ** 2, axis=(0, 2), dtype=f) / f(m - 1)
        rolling_mean = f(0.99) * rolling_mean + f(0.01) * mean
        rolling_variance = f(0.99) * rolling_variance + f(0.01) * variance
    y = (x - mu[:, None]) / (np.sqrt(var) + f(1e-6))[:, None] * scales[:, None] + biases[:, None]
    return dict(output=y, mean=mean, variance=variance, rolling_mean=rolling_mean, rolling_variance=rolling_variance)
