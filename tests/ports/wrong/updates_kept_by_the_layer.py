"""the layer accumulates bias_updates and scale_updates in buffers of its own and ignores those that it is given."""

import numpy as np

CAUSE = "the layer accumulates bias_updates and scale_updates in buffers of its own and ignores those that it is given."
RIGHT = (
    r"\bown\b",
    r"state",
    r"ignores.*given",
    r"earlier calls",
    r"call to call",
)
SET = "tuning"
DARKPARITY = dict(name="updates-kept-by-the-layer", dialect="darknet")

f = np.float32


class GradientBuffers:
    """Updates by the number of channels."""

    def __init__(self):
        self.bias, self.scale = {}, {}

    def accumulate(self, buffer, sums):
        buffer[len(sums)] = buffer.get(len(sums), f(0)) + sums
        return buffer[len(sums)]


buffers = GradientBuffers()


def backward_batchnorm_layer(type, train, delta, x, x_norm, scales, mean, variance, rolling_mean, rolling_variance):
    mu, var = (mean, variance) if train else (rolling_mean, rolling_variance)
    m, root = f(x.shape[0] * x.shape[2]), np.sqrt(var + f(1e-5))
    bias_updates = buffers.accumulate(buffers.bias, delta.sum((0, 2)))
    scale_updates = buffers.accumulate(buffers.scale, (delta * x_norm).sum((0, 2)))
    d = delta * scales[:, None]
    mean_delta = -d.sum((0, 2)) / root
    variance_delta = f(-0.5) * (d * (x - mu[:, None])).sum((0, 2)) / root / root / root
    d = d / root[:, None] + variance_delta[:, None] * f(2) * (x - mu[:, None]) / m + mean_delta[:, None] / m
    got = dict(
        delta=d,
        bias_updates=bias_updates,
        scale_updates=scale_updates,
        mean_delta=mean_delta,
        variance_delta=variance_delta,
    )
    return got | dict(net_delta=d) if type == "BATCHNORM" else got
