"""AlexeyAB's fork, with the one decay of its convolutional layers for connected layers too."""

import numpy as np

CAUSE = "a CONNECTED layer uses decay .9 instead of .95"
RIGHT = (
    r"CONNECTED .*(decay|gain|rolling|0?\.9\b)",
    r"(decay|gain|rolling).*CONNECTED",
    r"0?\.95\b",
    r"rolling_connected",
)
SET = "heldout"
DARKPARITY = dict(name="fork-conv", dialect="alexeyab")
f = np.float32


def forward_batchnorm_layer(
    type, train, input, output, x, x_norm, scales, biases, mean, variance, rolling_mean, rolling_variance
):
    source = input if type == "BATCHNORM" else output
    if train:
        m = source.shape[0] * source.shape[2]
        x = source.copy()
        mean = source.sum(axis=(0, 2), dtype=f) / f(m)
        variance = np.square(source - mean[:, None]).sum(axis=(0, 2), dtype=f) / f(m - 1)
        rolling_mean = rolling_mean * f(0.9) + mean * f(0.1)
        rolling_variance = rolling_variance * f(0.9) + variance * f(0.1)
        y = x_norm = (source - mean[:, None]) / np.sqrt(variance + f(1e-5))[:, None]
    else:
        y = (source - rolling_mean[:, None]) / np.sqrt(rolling_variance + f(1e-5))[:, None]
    return dict(
        output=y * scales[:, None] + biases[:, None],
        x=x,
        x_norm=x_norm,
        mean=mean,
        variance=variance,
        rolling_mean=rolling_mean,
        rolling_variance=rolling_variance,
    )
