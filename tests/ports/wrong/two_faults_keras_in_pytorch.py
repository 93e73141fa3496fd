"""Keras constants and the forward's variance for the running one, declared as PyTorch."""

import numpy as np

CAUSE = "Keras's batch norm: epsilon 1e-3, decay .99, and rolling_variance is fed with the biased variance"
RIGHT = (
    r"dialect.*keras",
    r"keras",
    r"epsilon.*(1e-0?3|0\.001).*(biased|ddof|by m\b|m instead)",
    r"(biased|ddof|by m\b|m instead).*epsilon.*(1e-0?3|0\.001)",
)
SET = "heldout"
DARKPARITY = dict(name="exported-from-keras", dialect="pytorch")
f = np.float32


def forward_batchnorm_layer(type, train, input, output, scales, biases, mean, variance, rolling_mean, rolling_variance):
    x = input if type == "BATCHNORM" else output
    mu, var = rolling_mean, rolling_variance
    if train:
        mu = mean = np.mean(x, axis=(0, 2), dtype=f)
        var = variance = np.mean(np.square(x - mean[:, None]), axis=(0, 2), dtype=f)
        rolling_mean = rolling_mean * f(0.99) + mean * f(0.01)
        rolling_variance = rolling_variance * f(0.99) + variance * f(0.01)
    scale = scales / np.sqrt(var + f(0.001))
    return dict(
        output=(x - mu[:, None]) * scale[:, None] + biases[:, None],
        mean=mean,
        variance=variance,
        rolling_mean=rolling_mean,
        rolling_variance=rolling_variance,
    )
