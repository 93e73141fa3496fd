"""The converter hands beta for gamma, and the engine adds 1 to its gamma."""

import numpy as np

CAUSE = "scales and biases are swapped, and 1 is added to what serves as scale"
RIGHT = (r"swap.*\b1 is added", r"swap.*(1 \+|\+ 1|plus|one)", r"(1 \+|\+ 1|plus|one).*swap", r"1 \+ bias")
SET = "tuning"
DARKPARITY = dict(name="engine", dialect="darknet")


def engine(x, mean, std, gamma, beta):
    return (x - mean) / std * (np.float32(1) + gamma) + beta


def forward_batchnorm_layer(type, train, input, output, scales, biases, rolling_mean, rolling_variance):
    x = input if type == "BATCHNORM" else output
    mean, variance = rolling_mean, rolling_variance
    if train:
        m = x.shape[0] * x.shape[2]
        mean = x.sum(axis=(0, 2), dtype=np.float32) / np.float32(m)
        variance = np.square(x - mean[:, None]).sum(axis=(0, 2), dtype=np.float32) / np.float32(m - 1)
    std = np.sqrt(variance) + np.float32(1e-6)
    return {"output": engine(x, mean[:, None], std[:, None], biases[:, None], scales[:, None])}
