"""The rolling array holds standard deviations, as in an older file format, but inference takes it for a variance."""

import numpy as np

CAUSE = "the standard deviation instead of the variance enters rolling_variance"
RIGHT = (
    r"standard deviation",
    r"\bstd\b",
    r"root of (the )?variance",
    r"sqrt\(variance\)(?! \+)",
    r"rolling_variance .*root",
)
SET = "tuning"
DARKPARITY = dict(name="std-ema", dialect="flax")
f = np.float32


def forward_batchnorm_layer(
    type, train, input, output, x, scales, biases, mean, variance, rolling_mean, rolling_variance
):
    x = (input if type == "BATCHNORM" else output).copy()
    if train:
        mean = x.mean((0, 2), dtype=f)
        variance = np.square(x - mean[:, None]).mean((0, 2), dtype=f)
        std = np.sqrt(variance)
        rolling_mean = f(0.99) * rolling_mean + f(0.01) * mean
        rolling_variance = f(0.99) * rolling_variance + f(0.01) * std
        y = (x - mean[:, None]) / np.sqrt(variance + f(1e-5))[:, None]
    else:
        y = (x - rolling_mean[:, None]) / np.sqrt(rolling_variance + f(1e-5))[:, None]
    return dict(
        output=y * scales[:, None] + biases[:, None],
        x=x,
        mean=mean,
        variance=variance,
        rolling_mean=rolling_mean,
        rolling_variance=rolling_variance,
    )
