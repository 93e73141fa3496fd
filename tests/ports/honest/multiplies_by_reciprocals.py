"""Every division made once per channel, as a reciprocal by which arrays are multiplied."""

import numpy as np

STYLE = "Every division made once per channel, as a reciprocal by which arrays are multiplied."
OTHER = "flax"
DARKPARITY = dict(name="multiplies-by-reciprocals", dialect="darknet")

f = np.float32


def inverse_std(variance):
    return f(1) / (np.sqrt(variance) + f(1e-6))


def forward_batchnorm_layer(type, train, input, output, scales, biases, rolling_mean, rolling_variance):
    x = (input if type == "BATCHNORM" else output).copy()
    if not train:
        normal = (x - rolling_mean[:, None]) * inverse_std(rolling_variance)[:, None]
        return dict(output=normal * scales[:, None] + biases[:, None], x=x)
    m = x.shape[0] * x.shape[2]
    mean = x.sum((0, 2)) * (f(1) / f(m))
    variance = ((x - mean[:, None]) ** 2).sum((0, 2)) * (f(1) / f(m - 1))
    normal = (x - mean[:, None]) * inverse_std(variance)[:, None]
    return dict(
        output=normal * scales[:, None] + biases[:, None],
        x=x,
        x_norm=normal,
        mean=mean,
        variance=variance,
        rolling_mean=f(0.99) * rolling_mean + f(0.01) * mean,
        rolling_variance=f(0.99) * rolling_variance + f(0.01) * variance,
    )
