"""Constants from two other code bases: epsilon 1e-5 (outside the root still) and a moving average of .9 and .1."""

import numpy as np

CAUSE = "epsilon is 1e-5 instead of 1e-6, and decay .9 and gain .1 instead of .99 and .01"
RIGHT = (r"epsilon.*1e-0?5.*(decay|gain|momentum)", r"(decay|gain|momentum).*epsilon.*1e-0?5")
SET = "tuning"
DARKPARITY = dict(name="constants", dialect="darknet")
f = np.float32
EPS, KEEP, TAKE = f(1e-5), f(0.9), f(0.1)


def forward_batchnorm_layer(
    type, train, input, output, x_norm, scales, biases, mean, variance, rolling_mean, rolling_variance
):
    x = (input if type == "BATCHNORM" else output).copy()
    if train:
        m = x.shape[0] * x.shape[2]
        mean = x.sum((0, 2), dtype=f) / f(m)
        variance = np.square(x - mean[:, None]).sum((0, 2), dtype=f) / f(m - 1)
        rolling_mean, rolling_variance = KEEP * rolling_mean + TAKE * mean, KEEP * rolling_variance + TAKE * variance
        y = x_norm = (x - mean[:, None]) / (np.sqrt(variance) + EPS)[:, None]
    else:
        y = (x - rolling_mean[:, None]) / (np.sqrt(rolling_variance) + EPS)[:, None]
    y = y * scales[:, None] + biases[:, None]
    return dict(
        output=y,
        x=x,
        x_norm=x_norm,
        mean=mean,
        variance=variance,
        rolling_mean=rolling_mean,
        rolling_variance=rolling_variance,
    )
