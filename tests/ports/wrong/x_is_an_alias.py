"""layer.x = layer.output without a copy: what follows in place changes both."""

import numpy as np

CAUSE = "x is no copy: it holds the output after normalizing, scaling and bias"
RIGHT = (
    r"\bx (is|was) (saved|stored|copied) (too late|after)",
    r"alias",
    r"no copy",
    r"not (a )?cop",
    r"x .*(after|instead of before) (normaliz|scal|bias)",
    r"x (holds|is) the (final )?output",
    r"same (memory|array|buffer)",
)
SET = "heldout"
DARKPARITY = dict(name="in-place", dialect="darknet")
f = np.float32


class Layer:
    def __init__(self, **arrays):
        self.__dict__.update(arrays)


def forward_batchnorm_layer(
    type, train, input, output, x, x_norm, scales, biases, mean, variance, rolling_mean, rolling_variance
):
    l = Layer(output=output, scales=scales, biases=biases, mean=mean, variance=variance, x_norm=x_norm)
    if type == "BATCHNORM":
        l.output = input.copy()
    l.x = l.output
    m = l.output.shape[0] * l.output.shape[2]
    if train:
        l.mean = l.output.sum(axis=(0, 2), dtype=f) / f(m)
        l.variance = ((l.output - l.mean[:, None]) ** 2).sum(axis=(0, 2), dtype=f) / f(m - 1)
        rolling_mean = rolling_mean * f(0.99) + l.mean * f(0.01)
        rolling_variance = rolling_variance * f(0.99) + l.variance * f(0.01)
        l.output -= l.mean[:, None]
        l.output /= (np.sqrt(l.variance) + f(1e-6))[:, None]
        l.x_norm = l.output.copy()
    else:
        l.output -= rolling_mean[:, None]
        l.output /= (np.sqrt(rolling_variance) + f(1e-6))[:, None]
    l.output *= l.scales[:, None]
    l.output += l.biases[:, None]
    return l.output, l.x, l.x_norm, l.mean, l.variance, rolling_mean, rolling_variance
