"""The activation of the convolutional layer is applied in its batch norm."""

import numpy as np

CAUSE = "leaky ReLU with slope .1 is applied to the output"
RIGHT = (r"relu", r"activation", r"leaky", r"negative .*(0?\.1|tenth|slope)", r"slope")
SET = "tuning"
DARKPARITY = dict(name="conv-bn-leaky", dialect="darknet")
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
    if train:
        mean = mean_cpu(x)
        variance = variance_cpu(x, mean)
        rolling_mean = f(0.99) * rolling_mean + f(0.01) * mean
        rolling_variance = f(0.99) * rolling_variance + f(0.01) * variance
        y = x_norm = normalize_cpu(x, mean, variance)
    else:
        y = normalize_cpu(x, rolling_mean, rolling_variance)
    y = y * scales[:, None] + biases[:, None]
    if type == "CONVOLUTIONAL":
        y = np.where(y > 0, y, f(0.1) * y)
    return dict(
        output=y,
        x=x,
        x_norm=x_norm,
        mean=mean,
        variance=variance,
        rolling_mean=rolling_mean,
        rolling_variance=rolling_variance,
    )
