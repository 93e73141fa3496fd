"""Written with numpy.var, whose default is the population variance."""

import numpy as np

CAUSE = "the variance is divided by m, not by m - 1"
RIGHT = (
    r"divi\w+ (is|by) m\b(?! ?- ?1)",
    r"biased",
    r"bessel",
    r"population",
    r"ddof\b.*\b0",
    r"\bm instead of m - 1",
    r"by m\b,? not",
)
SET = "heldout"
DARKPARITY = dict(name="np-var", dialect="darknet")
f4 = np.float32


def mean_cpu(x):
    return np.mean(x, axis=(0, 2), dtype=f4)


def variance_cpu(x, mean):
    d = x - mean.reshape(1, -1, 1)
    return np.mean(d * d, axis=(0, 2), dtype=f4)


def normalize_cpu(x, mean, variance):
    return (x - mean.reshape(1, -1, 1)) / (np.sqrt(variance) + f4(0.000001)).reshape(1, -1, 1)


def scale_bias(output, scales):
    return np.einsum("bcs,c->bcs", output, scales)


def add_bias(output, biases):
    return output + biases.reshape(1, -1, 1)


def forward_batchnorm_layer(
    type, train, input, output, scales, biases, mean, variance, rolling_mean, rolling_variance, x_norm
):
    x = (input if type == "BATCHNORM" else output).copy()
    if train:
        mean = mean_cpu(x)
        variance = variance_cpu(x, mean)
        rolling_mean = rolling_mean * f4(0.99) + mean * f4(0.01)
        rolling_variance = rolling_variance * f4(0.99) + variance * f4(0.01)
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
