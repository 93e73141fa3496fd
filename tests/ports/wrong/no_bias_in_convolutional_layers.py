"""The convolution adds its bias itself, the porter reasoned, so batch norm must not."""

import numpy as np

CAUSE = "the bias is not added in a CONVOLUTIONAL layer"
RIGHT = (
    r"bias\w* .*(not added|missing|left out|skipped|ignored|forgotten|never)",
    r"(no|without) bias",
    r"add_bias .*(skip|missing|left out|not)",
    r"CONVOLUTIONAL .*bias|bias.* CONVOLUTIONAL",
)
SET = "tuning"
DARKPARITY = dict(name="conv-has-bias", dialect="alexeyab")
f = np.float32
EPSILON = f(0.00001)


def mean_cpu(x):
    return x.sum((0, 2), dtype=f) / f(x.shape[0] * x.shape[2])


def variance_cpu(x, mean):
    return np.square(x - mean[:, None]).sum((0, 2), dtype=f) / f(x.shape[0] * x.shape[2] - 1)


def normalize_cpu(x, mean, variance):
    return (x - mean[:, None]) / np.sqrt(variance + EPSILON)[:, None]


def scale_bias(output, scales):
    return output * scales[:, None]


def add_bias(output, biases):
    return output + biases[:, None]


def backward_bias(bias_updates, delta):
    return bias_updates + delta.sum((0, 2), dtype=f)


def backward_scale_cpu(x_norm, delta, scale_updates):
    return scale_updates + (delta * x_norm).sum((0, 2), dtype=f)


def mean_delta_cpu(delta, variance):
    return -delta.sum((0, 2), dtype=f) / np.sqrt(variance + EPSILON)


def variance_delta_cpu(x, delta, mean, variance):
    root = np.sqrt(variance + EPSILON)
    return f(-0.5) * (delta * (x - mean[:, None])).sum((0, 2), dtype=f) / root / root / root


def normalize_delta_cpu(x, mean, variance, mean_delta, variance_delta, delta):
    m = f(x.shape[0] * x.shape[2])
    return (
        delta / (np.sqrt(variance) + EPSILON)[:, None]
        + variance_delta[:, None] * f(2) * (x - mean[:, None]) / m
        + mean_delta[:, None] / m
    )


def forward_batchnorm_layer(
    type, train, input, output, x, x_norm, scales, biases, mean, variance, rolling_mean, rolling_variance
):
    values = input if type == "BATCHNORM" else output
    if train:
        decay, gain = (f(0.95), f(0.05)) if type == "CONNECTED" else (f(0.9), f(0.1))
        x, mean = values.copy(), mean_cpu(values)
        variance = variance_cpu(values, mean)
        rolling_mean = decay * rolling_mean + gain * mean
        rolling_variance = decay * rolling_variance + gain * variance
        y = x_norm = normalize_cpu(values, mean, variance)
    else:
        y = normalize_cpu(values, rolling_mean, rolling_variance)
    y = scale_bias(y, scales)
    if type in ("BATCHNORM", "CONNECTED"):
        y = add_bias(y, biases)
    return dict(
        output=y,
        x=x,
        x_norm=x_norm,
        mean=mean,
        variance=variance,
        rolling_mean=rolling_mean,
        rolling_variance=rolling_variance,
    )


def backward_batchnorm_layer(type, train, delta, x, x_norm, scales, mean, variance, bias_updates, scale_updates):
    if type == "CONNECTED":
        bias_updates = backward_bias(bias_updates, delta)
    scale_updates = backward_scale_cpu(x_norm, delta, scale_updates)
    delta = scale_bias(delta, scales)
    mean_delta = mean_delta_cpu(delta, variance)
    variance_delta = variance_delta_cpu(x, delta, mean, variance)
    delta = normalize_delta_cpu(x, mean, variance, mean_delta, variance_delta, delta)
    got = dict(
        delta=delta,
        bias_updates=bias_updates,
        scale_updates=scale_updates,
        mean_delta=mean_delta,
        variance_delta=variance_delta,
    )
    return {**got, "net_delta": delta} if type == "BATCHNORM" else got
