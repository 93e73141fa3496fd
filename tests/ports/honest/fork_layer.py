"""AlexeyAB's fork on the CPU: its own rates, no bias gradient but in a CONNECTED layer, x kept in training only."""

import numpy as np

STYLE = "AlexeyAB's fork on the CPU: its own rates, no bias gradient but in a CONNECTED layer, x kept in training only."
OTHER = "darknet"
DARKPARITY = dict(name="fork-layer", dialect="alexeyab")

f = np.float32


def rates(type):
    return (f(0.95), f(0.05)) if type == "CONNECTED" else (f(0.9), f(0.1))


def forward_batchnorm_layer(
    type, train, input, output, x, x_norm, scales, biases, mean, variance, rolling_mean, rolling_variance
):
    source = input if type == "BATCHNORM" else output
    if train:
        m = source.shape[0] * source.shape[2]
        x = source.copy()
        mean = x.sum((0, 2)) / f(m)
        variance = ((x - mean[:, None]) ** 2).sum((0, 2)) / f(m - 1)
        decay, gain = rates(type)
        rolling_mean = decay * rolling_mean + gain * mean
        rolling_variance = decay * rolling_variance + gain * variance
        x_norm = y = (x - mean[:, None]) / np.sqrt(variance + f(1e-5))[:, None]
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


def backward_batchnorm_layer(type, delta, x, x_norm, scales, mean, variance, bias_updates, scale_updates):
    m = f(x.shape[0] * x.shape[2])
    if type == "CONNECTED":
        bias_updates = bias_updates + delta.sum((0, 2))
    scale_updates = scale_updates + (delta * x_norm).sum((0, 2))
    delta = delta * scales[:, None]
    root, centred = np.sqrt(variance + f(1e-5)), x - mean[:, None]
    mean_delta = -delta.sum((0, 2)) / root
    variance_delta = f(-0.5) * (delta * centred).sum((0, 2)) / root / root / root
    delta = (
        delta / (np.sqrt(variance) + f(1e-5))[:, None]
        + variance_delta[:, None] * f(2) * centred / m
        + mean_delta[:, None] / m
    )
    got = dict(
        delta=delta,
        bias_updates=bias_updates,
        scale_updates=scale_updates,
        mean_delta=mean_delta,
        variance_delta=variance_delta,
    )
    return got | dict(net_delta=delta) if type == "BATCHNORM" else got
