"""The flag is read as a string that is never empty: inference runs with the statistics of its batch."""

import numpy as np

CAUSE = "inference normalizes with the statistics of the batch and updates the rolling ones"
RIGHT = (
    r"inference .*(batch|training)",
    r"train\w* .*(flag|ignored|always)",
    r"(batch|own) statistics .*inference",
    r"always .*train",
    r"mode\b.*training|training mode",
)
SET = "tuning"
DARKPARITY = dict(name="always", dialect="darknet")
f = np.float32


def forward_batchnorm_layer(
    type, train, input, output, x, x_norm, scales, biases, mean, variance, rolling_mean, rolling_variance
):
    state = {"train": str(train)}
    x = (input if type == "BATCHNORM" else output).copy()
    output = x
    if state["train"]:
        m = x.shape[0] * x.shape[2]
        mean = x.sum(axis=(0, 2), dtype=f) / f(m)
        variance = ((x - mean[:, None]) ** 2).sum(axis=(0, 2), dtype=f) / f(m - 1)
        rolling_mean = f(0.99) * rolling_mean + f(0.01) * mean
        rolling_variance = f(0.99) * rolling_variance + f(0.01) * variance
        output = x_norm = (x - mean[:, None]) / (np.sqrt(variance) + f(1e-6))[:, None]
    else:
        output = (x - rolling_mean[:, None]) / (np.sqrt(rolling_variance) + f(1e-6))[:, None]
    return dict(
        output=output * scales[:, None] + biases[:, None],
        x=x,
        x_norm=x_norm,
        mean=mean,
        variance=variance,
        rolling_mean=rolling_mean,
        rolling_variance=rolling_variance,
    )
