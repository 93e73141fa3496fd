"""scales and biases were exported as float16 to make the file smaller."""

import numpy as np

CAUSE = "scales and biases are rounded to float16"
RIGHT = (r"float16", r"half.precision", r"\bfp16", r"11 bits", r"\bhalf\b")
SET = "heldout"
DARKPARITY = dict(name="small-file", dialect="darknet")
f = np.float32


class Exported:
    def __init__(self, scales, biases):
        self.weight, self.bias = scales.astype(np.float16), biases.astype(np.float16)

    def __call__(self, hat):
        return hat * self.weight.astype(f)[:, None] + self.bias.astype(f)[:, None]


def forward_batchnorm_layer(type, train, input, output, scales, biases, rolling_mean, rolling_variance):
    x = input if type == "BATCHNORM" else output
    mean, variance = rolling_mean, rolling_variance
    if train:
        m = x.shape[0] * x.shape[2]
        mean = x.sum((0, 2), dtype=f) / f(m)
        variance = np.square(x - mean[:, None]).sum((0, 2), dtype=f) / f(m - 1)
    return dict(output=Exported(scales, biases)((x - mean[:, None]) / (np.sqrt(variance) + f(1e-6))[:, None]))
