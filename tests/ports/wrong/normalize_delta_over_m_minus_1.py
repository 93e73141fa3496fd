"""normalize_delta_cpu divides by m - 1, consistent with the variance but not with DarkNet."""

import numpy as np

CAUSE = "normalize_delta_cpu divides by m - 1, consistent with the variance but not with DarkNet."
RIGHT = (
    r"m ?- ?1",
    r"bessel",
    r"unbiased",
)
SET = "heldout"
DARKPARITY = dict(name="normalize-delta-over-m-minus-1", dialect="darknet")

f = np.float32


def serial(values):
    """Sum over images and pixels, one after the other: (batch, channels, spatial) -> (channels,)."""
    rows = values.transpose(1, 0, 2).reshape(values.shape[1], -1)
    return np.add.accumulate(rows, axis=1, dtype=f)[:, -1]


def mean_cpu(x):
    return serial(x) * (f(1) / f(x.shape[0] * x.shape[2]))


def variance_cpu(x, mean):
    d = x - mean[:, None]
    return serial(d * d) / f(x.shape[0] * x.shape[2] - 1)


def normalize_cpu(x, mean, variance):
    return (x - mean[:, None]) / (np.sqrt(variance) + f(1e-6))[:, None]


def backward_bias(bias_updates, delta):
    for image in delta:
        bias_updates = bias_updates + serial(image[None])
    return bias_updates


def backward_scale_cpu(x_norm, delta, scale_updates):
    return scale_updates + serial(delta * x_norm)


def mean_delta_cpu(delta, variance):
    return serial(delta) * (f(-1) / np.sqrt(variance + f(1e-5)))


def variance_delta_cpu(x, delta, mean, variance):
    power = np.power(variance.astype(np.float64) + 1e-5, -3.0 / 2.0)
    return (serial(delta * (x - mean[:, None])) * (-0.5 * power)).astype(f)


def normalize_delta_cpu(x, mean, variance, mean_delta, variance_delta, delta, batch, spatial):
    n = f(batch * spatial - 1)
    grad = delta / np.sqrt(variance + f(1e-5))[:, None]
    grad += (variance_delta * f(2))[:, None] * (x - mean[:, None]) / n
    return grad + mean_delta[:, None] / n
