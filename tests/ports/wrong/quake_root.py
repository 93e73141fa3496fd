"""1 / sqrt by the bit trick and one Newton step."""

import numpy as np

CAUSE = "an approximate reciprocal square root: the bit trick with one Newton step"
RIGHT = (
    r"rsqrt",
    r"newton",
    r"approximat",
    r"reciprocal (square )?root",
    r"root .*(bits|inexact|coarse)",
    r"1 ?/ ?sqrt .*bits",
)
SET = "tuning"
DARKPARITY = dict(name="quake", dialect="darknet-gpu")


def q_rsqrt(number):
    i = np.int32(0x5F3759DF) - (number.astype(np.float32).view(np.int32) >> 1)
    y = i.view(np.float32)
    return y * (np.float32(1.5) - np.float32(0.5) * number * y * y)


def normalize_cpu(x, mean, variance):
    return (x - mean[:, None]) * q_rsqrt(variance + np.float32(1e-5))[:, None]
