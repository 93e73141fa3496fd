"""One sweep over memory: sums of x and of x * x in float32, E[x^2] - E[x]^2 at the end."""

import numpy as np

CAUSE = "the variance is E[x^2] - E[x]^2 in float32, which cancels where the mean is large"
RIGHT = (
    r"E\[x\^?2\]",
    r"one.pass",
    r"single.pass",
    r"cancel",
    r"mean of (the )?squares",
    r"sum\w* of (the )?squares",
    r"x\^2",
)
SET = "heldout"
DARKPARITY = dict(name="one-sweep", dialect="darknet")
f = np.float32


def _sums(x):
    return x.sum((0, 2), dtype=f), (x * x).sum((0, 2), dtype=f)


def forward_batchnorm_layer(
    type, train, input, output, x, x_norm, scales, biases, mean, variance, rolling_mean, rolling_variance
):
    v = input if type == "BATCHNORM" else output
    m = f(v.shape[0] * v.shape[2])
    saved = v.copy()
    if not train:
        y = (v - rolling_mean[:, None]) / (np.sqrt(rolling_variance) + f(1e-6))[:, None]
    else:
        s, q = _sums(v)
        mean = s / m
        variance = (q / m - mean * mean) * (m / (m - f(1)))
        rolling_mean = f(0.99) * rolling_mean + f(0.01) * mean
        rolling_variance = f(0.99) * rolling_variance + f(0.01) * variance
        y = x_norm = (v - mean[:, None]) / (np.sqrt(variance) + f(1e-6))[:, None]
    y = y * scales[:, None] + biases[:, None]
    return y, saved, x_norm, mean, variance, rolling_mean, rolling_variance
