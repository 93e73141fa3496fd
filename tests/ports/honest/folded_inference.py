"""Inference folded into a x + b per channel, as converters do; training left alone."""

import numpy as np

STYLE = "Inference folded into a x + b per channel, as converters do; training left alone."
OTHER = "keras"
DARKPARITY = dict(name="folded-inference", dialect="darknet", labels=("affine",))

f = np.float32


def fold(scales, biases, mean, variance):
    a = scales / (np.sqrt(variance) + f(1e-6))
    return a[:, None], (biases - mean * a)[:, None]


def forward_batchnorm_layer(
    type, train, input, output, x_norm, scales, biases, mean, variance, rolling_mean, rolling_variance
):
    x = (input if type == "BATCHNORM" else output).copy()
    if not train:
        a, b = fold(scales, biases, rolling_mean, rolling_variance)
        return dict(
            output=a * x + b,
            x=x,
            x_norm=x_norm,
            mean=mean,
            variance=variance,
            rolling_mean=rolling_mean,
            rolling_variance=rolling_variance,
        )
    m = x.shape[0] * x.shape[2]
    mean = x.sum((0, 2)) / f(m)
    variance = ((x - mean[:, None]) ** 2).sum((0, 2)) / f(m - 1)
    x_norm = (x - mean[:, None]) / (np.sqrt(variance) + f(1e-6))[:, None]
    return dict(
        output=x_norm * scales[:, None] + biases[:, None],
        x=x,
        x_norm=x_norm,
        mean=mean,
        variance=variance,
        rolling_mean=f(0.99) * rolling_mean + f(0.01) * mean,
        rolling_variance=f(0.99) * rolling_variance + f(0.01) * variance,
    )
