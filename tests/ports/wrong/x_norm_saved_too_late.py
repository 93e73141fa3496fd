"""x_norm is copied at the end of the function, after scale and bias."""

import numpy as np

CAUSE = "x_norm is saved after scale and bias"
RIGHT = (
    r"x_norm .*(after|too late)",
    r"x_norm .*(output|scaled|scale)",
    r"x_norm (is|holds|equals) (a copy of )?(the )?output",
)
SET = "tuning"
DARKPARITY = dict(name="late", dialect="darknet")
f = np.float32


def mean_cpu(x):
    return x.sum((0, 2), dtype=f) / f(x.shape[0] * x.shape[2])


def variance_cpu(x, mean):
    return np.square(x - mean[:, None]).sum((0, 2), dtype=f) / f(x.shape[0] * x.shape[2] - 1)


def normalize_cpu(x, mean, variance):
    return (x - mean[:, None]) / (np.sqrt(variance) + f(1e-6))[:, None]


def forward_batchnorm_layer(
    type, train, input, output, x, x_norm, scales, biases, mean, variance, rolling_mean, rolling_variance
):
    x = (input if type == "BATCHNORM" else output).copy()
    used_mean, used_variance = rolling_mean, rolling_variance
    if train:
        used_mean = mean = mean_cpu(x)
        used_variance = variance = variance_cpu(x, mean)
        rolling_mean = f(0.99) * rolling_mean + f(0.01) * mean
        rolling_variance = f(0.99) * rolling_variance + f(0.01) * variance
    output = normalize_cpu(x, used_mean, used_variance) * scales[:, None] + biases[:, None]
    if train:
        x_norm = output.copy()
    return dict(
        output=output,
        x=x,
        x_norm=x_norm,
        mean=mean,
        variance=variance,
        rolling_mean=rolling_mean,
        rolling_variance=rolling_variance,
    )
