"""Channel numbers in an unsigned byte: channel 256 reads the parameters of channel 0."""

import numpy as np

CAUSE = "the channel index wraps at 256"
RIGHT = (
    r"\b256\b",
    r"wrap",
    r"overflow",
    r"\bbyte",
    r"uint8|8.bit",
    r"modulo 256",
    r"channels? (above|from|after|beyond) 25[56]",
)
SET = "tuning"
DARKPARITY = dict(name="byte-index", dialect="darknet")
f = np.float32


def forward_batchnorm_layer(type, train, input, output, scales, biases, rolling_mean, rolling_variance, channels):
    x = input if type == "BATCHNORM" else output
    mean, variance = rolling_mean, rolling_variance
    if train:
        m = x.shape[0] * x.shape[2]
        mean = x.sum((0, 2), dtype=f) / f(m)
        variance = np.square(x - mean[:, None]).sum((0, 2), dtype=f) / f(m - 1)
    channel = np.arange(channels).astype(np.uint8)
    hat = (x - mean[:, None]) / (np.sqrt(variance) + f(1e-6))[:, None]
    return dict(output=hat * scales[channel][:, None] + biases[channel][:, None])
