"""The rolling statistics are updated first and then used for the training batch as well."""

import numpy as np

CAUSE = "training normalizes with the rolling statistics"
RIGHT = (
    r"training .*rolling",
    r"rolling .*(statistics|mean|variance).*(training|instead of .*batch)",
    r"normaliz\w+ with (the )?rolling",
)
SET = "heldout"
DARKPARITY = dict(name="ema-normalizer", dialect="darknet")
f = np.float32


def ema(old, new):
    return f(0.99) * old + f(0.01) * new


def forward_batchnorm_layer(
    type, train, input, output, x, x_norm, scales, biases, mean, variance, rolling_mean, rolling_variance
):
    x = (input if type == "BATCHNORM" else output).copy()
    if train:
        m = x.shape[0] * x.shape[2]
        mean = x.sum(axis=(0, 2), dtype=f) / f(m)
        variance = np.square(x - mean[:, None]).sum(axis=(0, 2), dtype=f) / f(m - 1)
        rolling_mean, rolling_variance = ema(rolling_mean, mean), ema(rolling_variance, variance)
    hat = (x - rolling_mean[:, None]) / (np.sqrt(rolling_variance) + f(1e-6))[:, None]
    x_norm = hat if train else x_norm
    return dict(
        output=hat * scales[:, None] + biases[:, None],
        x=x,
        x_norm=x_norm,
        mean=mean,
        variance=variance,
        rolling_mean=rolling_mean,
        rolling_variance=rolling_variance,
    )
