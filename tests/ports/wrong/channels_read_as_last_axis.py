"""The memory is taken for NHWC: value i of channel f is read at (b*spatial + i)*channels + f."""

import numpy as np

CAUSE = "memory in NCHW order is read as NHWC"
RIGHT = (
    r"NHWC",
    r"channels?.last",
    r"layout",
    r"(axis|axes|index) .*(swapped|exchanged|mixed|order)",
    r"transpos",
    r"interleav",
    r"reshape",
)
SET = "heldout"


def _gather(x, batch, channels, spatial):
    index = (np.arange(batch)[:, None] * spatial + np.arange(spatial)) * channels
    return x.ravel()[index.ravel() + np.arange(channels)[:, None]]


def mean_cpu(x, batch, channels, spatial):
    return _gather(x, batch, channels, spatial).sum(axis=1, dtype=np.float32) / np.float32(batch * spatial)


def variance_cpu(x, mean, batch, channels, spatial):
    d = _gather(x, batch, channels, spatial) - mean[:, None]
    return (d * d).sum(axis=1, dtype=np.float32) / np.float32(batch * spatial - 1)
