"""The epsilon of the framework that the port came from stayed in the code."""

import numpy as np

CAUSE = "epsilon is 1e-5 instead of 1e-3"
RIGHT = (
    r"\bflax\b",
    r"epsilon.{0,30}(1e-0?5|0\.00001|\.00001)",
    r"1e-0?5.{0,30}epsilon",
    r"epsilon .*(instead|not) .*(1e-0?3|0\.001)",
)
SET = "heldout"
DARKPARITY = dict(name="converted", dialect="keras")
EPSILON = np.float32(1e-5)
f = np.float32


def forward_batchnorm_layer(type, train, input, output, scales, biases, mean, variance, rolling_mean, rolling_variance):
    x = input if type == "BATCHNORM" else output
    nhwc = x.transpose(0, 2, 1)
    m, v = rolling_mean, rolling_variance
    if train:
        m = mean = nhwc.mean(axis=(0, 1), dtype=f)
        v = variance = np.square(nhwc - mean).mean(axis=(0, 1), dtype=f)
        rolling_mean = rolling_mean * f(0.99) + mean * f(0.01)
        rolling_variance = rolling_variance * f(0.99) + variance * f(0.01)
    y = (nhwc - m) / np.sqrt(v + EPSILON) * scales + biases
    return dict(
        output=np.ascontiguousarray(y.transpose(0, 2, 1)),
        mean=mean,
        variance=variance,
        rolling_mean=rolling_mean,
        rolling_variance=rolling_variance,
    )
