"""Flax's formulas with the stable two-pass variance, and JAX's gradient written out."""

import numpy as np

STYLE = "Flax's formulas with the stable two-pass variance, and JAX's gradient written out."
OTHER = "darknet"
DARKPARITY = dict(name="flax-formulas", dialect="flax")

f = np.float32
MOMENTUM = f(0.99)


def forward_batchnorm_layer(type, train, input, output, scales, biases, rolling_mean, rolling_variance):
    x = input if type == "BATCHNORM" else output
    mean, var, got = rolling_mean, rolling_variance, dict(x=x)
    if train:
        mean = x.mean((0, 2), dtype=f)
        var = np.square(x - mean[:, None]).mean((0, 2), dtype=f)
        got |= dict(
            mean=mean,
            variance=var,
            rolling_mean=MOMENTUM * rolling_mean + (1 - MOMENTUM) * mean,
            rolling_variance=MOMENTUM * rolling_variance + (1 - MOMENTUM) * var,
        )
    mul = f(1) / np.sqrt(var + f(1e-5)) * scales
    return got | dict(output=(x - mean[:, None]) * mul[:, None] + biases[:, None])


def backward_batchnorm_layer(
    type, train, delta, x, scales, mean, variance, rolling_mean, rolling_variance, bias_updates, scale_updates
):
    mu, var = (mean, variance) if train else (rolling_mean, rolling_variance)
    mul = f(1) / np.sqrt(var + f(1e-5))
    y = (x - mu[:, None]) * mul[:, None]
    d_bias, d_scale = delta.sum((0, 2)), np.einsum("bcs,bcs->c", delta, y)
    dx = delta * (scales * mul)[:, None]
    if train:
        m = f(x.shape[0] * x.shape[2])
        dx = dx - (scales * mul * d_bias / m)[:, None] - y * (scales * mul * d_scale / m)[:, None]
    got = dict(delta=dx, bias_updates=bias_updates + d_bias, scale_updates=scale_updates + d_scale)
    return got | dict(net_delta=dx.copy()) if type == "BATCHNORM" else got
