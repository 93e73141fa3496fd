"""bias_updates sums the delta that was already multiplied by scales."""

import numpy as np

CAUSE = "bias_updates sums the delta that was already multiplied by scales."
RIGHT = (
    r"after delta was",
    r"scaled delta",
    r"after.*scaling",
    r"already (scaled|multiplied)",
)
SET = "heldout"
DARKPARITY = dict(name="bias-updates-after-scaling", dialect="darknet")

f = np.float32


def per_channel(a):
    return a[:, None]


def forward_batchnorm_layer(
    type, train, input, output, x, x_norm, scales, biases, mean, variance, rolling_mean, rolling_variance
):
    x = (input if type == "BATCHNORM" else output).copy()
    if train:
        m = x.shape[0] * x.shape[2]
        mean = x.sum((0, 2)) / f(m)
        variance = ((x - per_channel(mean)) ** 2).sum((0, 2)) / f(m - 1)
        rolling_mean = f(0.99) * rolling_mean + f(0.01) * mean
        rolling_variance = f(0.99) * rolling_variance + f(0.01) * variance
        x_norm = (x - per_channel(mean)) / per_channel(np.sqrt(variance) + f(1e-6))
        normal = x_norm
    else:
        normal = (x - per_channel(rolling_mean)) / per_channel(np.sqrt(rolling_variance) + f(1e-6))
    output = normal * per_channel(scales) + per_channel(biases)
    return dict(
        output=output,
        x=x,
        x_norm=x_norm,
        mean=mean,
        variance=variance,
        rolling_mean=rolling_mean,
        rolling_variance=rolling_variance,
    )


def backward_batchnorm_layer(
    type, train, delta, x, x_norm, scales, mean, variance, rolling_mean, rolling_variance, bias_updates, scale_updates
):
    m = f(x.shape[0] * x.shape[2])
    mu, var = (mean, variance) if train else (rolling_mean, rolling_variance)
    scale_updates = scale_updates + (delta * x_norm).sum((0, 2))
    delta = delta * per_channel(scales)
    bias_updates = bias_updates + delta.sum((0, 2))
    root = np.sqrt(var + f(1e-5))
    centred = x - per_channel(mu)
    mean_delta = -delta.sum((0, 2)) / root
    variance_delta = f(-0.5) * (delta * centred).sum((0, 2)) / root / root / root
    delta = delta / per_channel(root) + per_channel(variance_delta) * f(2) * centred / m + per_channel(mean_delta) / m
    got = dict(
        delta=delta,
        bias_updates=bias_updates,
        scale_updates=scale_updates,
        mean_delta=mean_delta,
        variance_delta=variance_delta,
        mean=mean,
        variance=variance,
    )
    return got | dict(net_delta=delta.copy()) if type == "BATCHNORM" else got
