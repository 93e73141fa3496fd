"""Channel numbers in an unsigned byte: channel 256 reads the parameters of channel 0."""

import numpy as np

CAUSE = "the channel index wraps at 256"
RIGHT = (
    r"\b256\b",
    r"wrap",
    r"overflow",
    r"\bbyte",
    r"uint8|8.bit",
    r"modulo 256",
    r"channels? (above|from|after|beyond) 25[56]",
)
SET = "tuning"
DARKPARITY = dict(name="byte-index", dialect="alexeyab")
f = np.float32


def _of_each(values, x):
    channel = np.arange(x.shape[1]).astype(np.uint8)
    return values[channel][:, None]


def mean_cpu(x):
    return x.sum((0, 2), dtype=f) / f(x.shape[0] * x.shape[2])


def variance_cpu(x, mean):
    return np.square(x - _of_each(mean, x)).sum((0, 2), dtype=f) / f(x.shape[0] * x.shape[2] - 1)


def normalize_cpu(x, mean, variance):
    return (x - _of_each(mean, x)) / np.sqrt(_of_each(variance, x) + f(1e-5))


def scale_bias(output, scales):
    return output * _of_each(scales, output)


def add_bias(output, biases):
    return output + _of_each(biases, output)


def forward_batchnorm_layer(
    type, train, input, output, x, x_norm, scales, biases, mean, variance, rolling_mean, rolling_variance
):
    values = input if type == "BATCHNORM" else output
    if train:
        x, mean = values.copy(), mean_cpu(values)
        variance = variance_cpu(values, mean)
        decay, gain = (f(0.95), f(0.05)) if type == "CONNECTED" else (f(0.9), f(0.1))
        rolling_mean = decay * rolling_mean + gain * mean
        rolling_variance = decay * rolling_variance + gain * variance
        y = x_norm = normalize_cpu(values, mean, variance)
    else:
        y = normalize_cpu(values, rolling_mean, rolling_variance)
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
