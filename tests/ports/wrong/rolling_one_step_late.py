"""the rolling statistics take in the previous call's batch: the update is queued and applied one step late."""

import numpy as np

CAUSE = "the rolling statistics take in the previous call's batch: the update is queued and applied one step late."
RIGHT = (
    r"late",
    r"previous",
    r"state",
    r"earlier calls",
    r"call to call",
    r"delay",
)
SET = "tuning"
DARKPARITY = dict(name="rolling-one-step-late", dialect="darknet")

f = np.float32
pending = {}


def roll(rolling, key, new):
    """Applies what the last call left, as an asynchronous copy to the device would."""
    queued = pending.get(key, rolling)
    pending[key] = new.copy()
    return f(0.99) * rolling + f(0.01) * queued


def forward_batchnorm_layer(type, train, input, output, scales, biases, rolling_mean, rolling_variance):
    x = (input if type == "BATCHNORM" else output).copy()
    mean, variance, got = rolling_mean, rolling_variance, dict(x=x)
    if train:
        m = x.shape[0] * x.shape[2]
        mean = x.sum((0, 2)) / f(m)
        variance = ((x - mean[:, None]) ** 2).sum((0, 2)) / f(m - 1)
        got |= dict(
            mean=mean,
            variance=variance,
            rolling_mean=roll(rolling_mean, ("mean", len(mean)), mean),
            rolling_variance=roll(rolling_variance, ("variance", len(mean)), variance),
        )
    normal = (x - mean[:, None]) / (np.sqrt(variance) + f(1e-6))[:, None]
    if train:
        got["x_norm"] = normal
    return got | dict(output=normal * scales[:, None] + biases[:, None])
