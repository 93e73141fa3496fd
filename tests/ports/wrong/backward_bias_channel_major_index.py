"""backward_bias indexes delta as (channels, batch, spatial) although it is (batch, channels, spatial)."""

import numpy as np

CAUSE = "backward_bias indexes delta as (channels, batch, spatial) although it is (batch, channels, spatial)."
RIGHT = (
    r"swap",
    r"layout",
    r"\(channels, batch",
    r"axes",
    r"transpos",
    r"reads memory",
)
SET = "tuning"
DIALECT = "darknet-gpu"
DARKPARITY = dict(name="backward-bias-channel-major-index", dialect="darknet-gpu")


def backward_bias(bias_updates, delta, batch, n, size):
    flat = delta.ravel()
    for b in range(batch):
        for i in range(n):
            start = size * (b + i * batch)
            bias_updates[i] += flat[start : start + size].sum(dtype=np.float32)
    return bias_updates
