"""The port was written for convolutional layers: a BATCHNORM layer, too, starts from `output`."""

import numpy as np

CAUSE = "a BATCHNORM layer starts from output instead of input"
RIGHT = (
    r"input .*(not copied|ignored|never|instead)",
    r"output .*(instead of|for|in place of) .*input",
    r"copy\w* .*(missing|skipped|left out)",
    r"(old|stale|previous) (content\w* of )?output",
    r"(not|instead of) .*input",
)
SET = "heldout"
DARKPARITY = dict(name="conv-only", dialect="darknet-gpu")
f = np.float32


def _per_channel(a):
    return a.reshape(-1, 1)


def mean_cpu(x, batch, spatial):
    return np.add.reduce(x, axis=(0, 2), dtype=f) / f(batch * spatial)


def variance_cpu(x, mean, batch, spatial):
    return np.add.reduce((x - _per_channel(mean)) ** 2, axis=(0, 2), dtype=f) / f(batch * spatial - 1)


def normalize_cpu(x, mean, variance):
    return (x - _per_channel(mean)) / np.sqrt(_per_channel(variance) + f(1e-5))


def scale_bias(output, scales):
    return np.multiply(output, _per_channel(scales))


def add_bias(output, biases):
    return np.add(output, _per_channel(biases))


def forward_batchnorm_layer(
    type, train, output, x_norm, scales, biases, mean, variance, rolling_mean, rolling_variance, batch, spatial
):
    x = output.copy()
    if train:
        mean = mean_cpu(x, batch, spatial)
        variance = variance_cpu(x, mean, batch, spatial)
        rolling_mean = f(0.99) * rolling_mean + f(0.01) * mean
        rolling_variance = f(0.99) * rolling_variance + f(0.01) * variance
        y = x_norm = normalize_cpu(x, mean, variance)
    else:
        y = normalize_cpu(x, rolling_mean, rolling_variance)
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
