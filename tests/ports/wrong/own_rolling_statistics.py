"""An object that owns its running statistics and never reads those it is given."""

import numpy as np

CAUSE = "rolling statistics are kept in the object from call to call and not taken from the arguments"
RIGHT = (
    r"earlier calls?",
    r"call to call",
    r"between calls",
    r"(kept|stored|hidden|own) .*(state|statistics)",
    r"state",
    r"rolling .*(argument|given|ignored)",
)
SET = "tuning"
f = np.float32


class BatchNorm2d:
    DARKPARITY = dict(name="owner", dialect="darknet")

    def __init__(self):
        self.running = {}

    def forward_batchnorm_layer(self, type, train, input, output, scales, biases, rolling_mean, rolling_variance):
        x = input if type == "BATCHNORM" else output
        c = x.shape[1]
        running = self.running.setdefault(c, [np.zeros(c, f), np.zeros(c, f)])
        if train:
            m = x.shape[0] * x.shape[2]
            mean = x.sum((0, 2), dtype=f) / f(m)
            variance = np.square(x - mean[:, None]).sum((0, 2), dtype=f) / f(m - 1)
            running[0] = f(0.99) * running[0] + f(0.01) * mean
            running[1] = f(0.99) * running[1] + f(0.01) * variance
        else:
            mean, variance = running
        y = (x - mean[:, None]) / (np.sqrt(variance) + f(1e-6))[:, None] * scales[:, None] + biases[:, None]
        return dict(output=y, rolling_mean=running[0], rolling_variance=running[1])


_layer = BatchNorm2d()
DARKPARITY = BatchNorm2d.DARKPARITY
forward_batchnorm_layer = _layer.forward_batchnorm_layer
