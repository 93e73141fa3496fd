"""Old weights of the moving average, and x saved after normalizing."""

import numpy as np

CAUSE = "decay .9 and gain .1, and x is saved after normalizing"
RIGHT = (
    r"(decay|gain|momentum|rolling).*\bx (is )?.*(after|late|alias|x_norm|normaliz)",
    r"\bx (is )?.*(after|late|alias|x_norm|normaliz).*(decay|gain|momentum|rolling)",
)
SET = "heldout"
DARKPARITY = dict(name="fork", dialect="darknet")
f = np.float32


def forward_batchnorm_layer(
    type, train, input, output, x, x_norm, scales, biases, mean, variance, rolling_mean, rolling_variance
):
    y = (input if type == "BATCHNORM" else output).copy()
    if train:
        m = y.shape[0] * y.shape[2]
        mean = y.sum((0, 2), dtype=f) / f(m)
        variance = np.square(y - mean[:, None]).sum((0, 2), dtype=f) / f(m - 1)
        rolling_mean = f(0.9) * rolling_mean + f(0.1) * mean
        rolling_variance = f(0.9) * rolling_variance + f(0.1) * variance
        y -= mean[:, None]
        y /= (np.sqrt(variance) + f(1e-6))[:, None]
        x_norm = y.copy()
    else:
        y -= rolling_mean[:, None]
        y /= (np.sqrt(rolling_variance) + f(1e-6))[:, None]
    x = y.copy()
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
