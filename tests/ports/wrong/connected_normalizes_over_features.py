"""in a CONNECTED layer the statistics run over the features of an image instead of over the batch."""

import numpy as np

CAUSE = "in a CONNECTED layer the statistics run over the features of an image instead of over the batch."
RIGHT = (
    r"CONNECTED",
    r"features",
    r"layer norm",
    r"over channels",
    r"per image",
)
SET = "heldout"
DARKPARITY = dict(name="connected-normalizes-over-features", dialect="darknet")

f = np.float32


def moments(x, connected):
    axis = 1 if connected else (0, 2)  # a fully connected output is (batch, features)
    mean = x.mean(axis, keepdims=True)
    count = x.shape[1] if connected else x.shape[0] * x.shape[2]
    return mean, ((x - mean) ** 2).sum(axis, keepdims=True) / f(count - 1)


def forward_batchnorm_layer(type, train, input, output, scales, biases, rolling_mean, rolling_variance):
    x = input if type == "BATCHNORM" else output
    connected = type == "CONNECTED"
    if not train:
        y = (x - rolling_mean[:, None]) / (np.sqrt(rolling_variance) + f(1e-6))[:, None]
        return dict(output=y * scales[:, None] + biases[:, None], x=x)
    mean, variance = moments(x, connected)
    x_norm = (x - mean) / (np.sqrt(variance) + f(1e-6))
    got = dict(output=x_norm * scales[:, None] + biases[:, None], x=x, x_norm=x_norm)
    if not connected:
        mean, variance = mean.ravel(), variance.ravel()
        got |= dict(
            mean=mean,
            variance=variance,
            rolling_mean=f(0.99) * rolling_mean + f(0.01) * mean,
            rolling_variance=f(0.99) * rolling_variance + f(0.01) * variance,
        )
    return got
