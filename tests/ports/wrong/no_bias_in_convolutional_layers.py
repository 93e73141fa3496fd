"""The convolution adds its bias itself, the porter reasoned, so batch norm must not."""

import numpy as np

CAUSE = "the bias is not added in a CONVOLUTIONAL layer"
RIGHT = (
    r"bias\w* .*(not added|missing|left out|skipped|ignored|forgotten|never)",
    r"(no|without) bias",
    r"add_bias .*(skip|missing|left out|not)",
    r"CONVOLUTIONAL .*bias|bias.* CONVOLUTIONAL",
)
SET = "tuning"
DARKPARITY = dict(name="conv-has-bias", dialect="alexeyab")
f = np.float32


def forward_batchnorm_layer(type, train, input, output, scales, biases, rolling_mean, rolling_variance):
    x = input if type == "BATCHNORM" else output
    mean, variance = rolling_mean, rolling_variance
    if train:
        m = x.shape[0] * x.shape[2]
        mean = x.sum((0, 2), dtype=f) / f(m)
        variance = np.square(x - mean[:, None]).sum((0, 2), dtype=f) / f(m - 1)
    y = (x - mean[:, None]) / np.sqrt(variance + f(0.00001))[:, None] * scales[:, None]
    if type in ("BATCHNORM", "CONNECTED"):
        y += biases[:, None]
    return dict(output=y)
