"""variance_delta_cpu raises to -3/2 in integer arithmetic, which is -1."""

import numpy as np

CAUSE = "variance_delta_cpu raises to -3/2 in integer arithmetic, which is -1."
RIGHT = (
    r"exponent",
    r"integer",
    r"\^-1\b",
    r"by (the )?variance",
)
SET = "tuning"
DARKPARITY = dict(name="variance-delta-integer-power", dialect="darknet")

f = np.float32


def int_divide(a, b):
    return int(a / b)  # as in C


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
    power = int_divide(-3, 2)
    dot = (delta * (x - mean[:, None])).sum((0, 2))
    return f(-0.5) * dot * (variance + f(0.00001)) ** f(power)


def normalize_delta_cpu(x, mean, variance, mean_delta, variance_delta, delta):
    m = f(x.shape[0] * x.shape[2])
    first = delta / np.sqrt(variance + f(1e-5))[:, None]
    return first + variance_delta[:, None] * f(2) * (x - mean[:, None]) / m + mean_delta[:, None] / m
