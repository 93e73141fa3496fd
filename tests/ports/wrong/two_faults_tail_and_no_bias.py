"""Vector kernels without their scalar epilogue, and the bias read from a buffer that was never filled."""

import numpy as np

CAUSE = "elements after the last full vector of 4 are not normalized, and no bias is added"
RIGHT = (r"(tail|last|multiple|vector|left over).*bias", r"bias.*(tail|last|multiple|vector|left over)")
SET = "tuning"
DARKPARITY = dict(name="dsp", dialect="darknet")
f = np.float32
bias_buffers = {}


def mean_cpu(x, batch, spatial):
    return x.sum((0, 2), dtype=f) / f(batch * spatial)


def variance_cpu(x, mean, batch, spatial):
    return np.square(x - mean[:, None]).sum((0, 2), dtype=f) / f(batch * spatial - 1)


def normalize_cpu(x, mean, variance, spatial):
    full = spatial - spatial % 4
    y = x.copy()
    y[..., :full] = (x[..., :full] - mean[:, None]) / (np.sqrt(variance) + f(1e-6))[:, None]
    return y


def scale_bias(output, scales):
    return output * scales[:, None]


def add_bias(output, biases):
    buffer = bias_buffers.setdefault(len(biases), np.zeros(len(biases), f))
    return output + buffer[:, None]


def forward_batchnorm_layer(
    type,
    train,
    input,
    output,
    x,
    x_norm,
    scales,
    biases,
    mean,
    variance,
    rolling_mean,
    rolling_variance,
    batch,
    spatial,
):
    x = (input if type == "BATCHNORM" else output).copy()
    if train:
        mean = mean_cpu(x, batch, spatial)
        variance = variance_cpu(x, mean, batch, spatial)
        rolling_mean = f(0.99) * rolling_mean + f(0.01) * mean
        rolling_variance = f(0.99) * rolling_variance + f(0.01) * variance
        y = x_norm = normalize_cpu(x, mean, variance, spatial)
    else:
        y = normalize_cpu(x, rolling_mean, rolling_variance, spatial)
    y = add_bias(scale_bias(y, scales), biases)
    return dict(
        output=y,
        x=x,
        x_norm=x_norm,
        mean=mean,
        variance=variance,
        rolling_mean=rolling_mean,
        rolling_variance=rolling_variance,
    )
