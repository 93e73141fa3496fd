"""the layer remembers that it has been trained: after the first training call inference uses batch statistics too."""

import numpy as np

CAUSE = (
    "the layer remembers that it has been trained: after the first training call inference uses batch statistics too."
)
RIGHT = (
    r"batch statistics",
    r"state",
    r"earlier calls",
    r"call to call",
    r"remember",
    r"statistics of the batch",
    r"batch's",
)
SET = "heldout"
DARKPARITY = dict(name="mode-sticks-to-training", dialect="darknet")

f = np.float32


class Network:
    """Holds the mode for all layers, as net.train does."""

    training = False


def moments(x):
    mean = x.sum((0, 2)) / f(x.shape[0] * x.shape[2])
    return mean, ((x - mean[:, None]) ** 2).sum((0, 2)) / f(x.shape[0] * x.shape[2] - 1)


def forward_batchnorm_layer(type, train, input, output, scales, biases, rolling_mean, rolling_variance):
    x = input if type == "BATCHNORM" else output
    Network.training = Network.training or train  # set by the first training step, cleared by nobody
    got = dict(x=x)
    mean, variance = rolling_mean, rolling_variance
    if Network.training:
        mean, variance = moments(x)
    normal = (x - mean[:, None]) / (np.sqrt(variance) + f(1e-6))[:, None]
    if train:
        got |= dict(
            mean=mean,
            variance=variance,
            x_norm=normal,
            rolling_mean=f(0.99) * rolling_mean + f(0.01) * mean,
            rolling_variance=f(0.99) * rolling_variance + f(0.01) * variance,
        )
    return got | dict(output=normal * scales[:, None] + biases[:, None])
