"""Transposes to (batch * spatial, channels), works on rows as NHWC code does, and transposes back."""

import numpy as np

STYLE = "Transposes to (batch * spatial, channels), works on rows as NHWC code does, and transposes back."
OTHER = "keras"
DARKPARITY = dict(name="channels-last-inside", dialect="darknet")

f = np.float32


def rows(a):
    return np.ascontiguousarray(a.transpose(0, 2, 1)).reshape(-1, a.shape[1])


def planes(r, shape):
    return r.reshape(shape[0], shape[2], shape[1]).transpose(0, 2, 1)


def forward_batchnorm_layer(
    type, train, input, output, x, x_norm, scales, biases, mean, variance, rolling_mean, rolling_variance
):
    source = input if type == "BATCHNORM" else output
    r = rows(source)
    got = dict(x=source.copy())
    if train:
        mean = r.sum(0) / f(len(r))
        variance = ((r - mean) ** 2).sum(0) / f(len(r) - 1)
        normal = (r - mean) / (np.sqrt(variance) + f(1e-6))
        got |= dict(
            mean=mean,
            variance=variance,
            x_norm=planes(normal, source.shape),
            rolling_mean=f(0.99) * rolling_mean + f(0.01) * mean,
            rolling_variance=f(0.99) * rolling_variance + f(0.01) * variance,
        )
    else:
        normal = (r - rolling_mean) / (np.sqrt(rolling_variance) + f(1e-6))
    return got | dict(output=planes(normal * scales + biases, source.shape))


def backward_batchnorm_layer(
    type, train, delta, x, x_norm, scales, mean, variance, rolling_mean, rolling_variance, bias_updates, scale_updates
):
    d, r, n = rows(delta), rows(x), rows(x_norm)
    if not train:
        mean, variance = rolling_mean, rolling_variance
    got = dict(bias_updates=bias_updates + d.sum(0), scale_updates=scale_updates + (d * n).sum(0))
    d = d * scales
    root, m = np.sqrt(variance + f(1e-5)), f(len(r))
    mean_delta = -d.sum(0) / root
    variance_delta = f(-0.5) * (d * (r - mean)).sum(0) / root / root / root
    d = d / root + variance_delta * f(2) * (r - mean) / m + mean_delta / m
    got |= dict(delta=planes(d, delta.shape), mean_delta=mean_delta, variance_delta=variance_delta)
    return got | dict(net_delta=planes(d, delta.shape)) if type == "BATCHNORM" else got
