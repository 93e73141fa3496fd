"""x.reshape(channels, -1) without moving the channel axis to the front first."""

import numpy as np

CAUSE = "reshaped to (channels, batch * spatial) without a transpose: batch and channel axes are mixed"
RIGHT = (
    r"reshape",
    r"transpos",
    r"(batch|image)\w* and (the )?channel",
    r"channels? and (the )?(batch|image)",
    r"layout",
    r"axes",
    r"wrong (channel|axis)",
    r"CNHW|channel.first|channel.major",
    r"consecutive|contiguous",
)
SET = "tuning"
DARKPARITY = dict(name="reshaper", dialect="darknet")


def mean_cpu(x, channels):
    return x.reshape(channels, -1).mean(axis=1, dtype=np.float32)


def variance_cpu(x, mean, channels):
    rows = x.reshape(channels, -1) - mean[:, None]
    return (rows**2).sum(axis=1, dtype=np.float32) / np.float32(rows.shape[1] - 1)


def normalize_cpu(x, mean, variance, channels):
    rows = (x.reshape(channels, -1) - mean[:, None]) / (np.sqrt(variance) + np.float32(1e-6))[:, None]
    return rows.reshape(x.shape)
