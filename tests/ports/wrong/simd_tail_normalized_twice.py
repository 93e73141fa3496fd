"""The last vector is moved back to end with the plane, as one may for a copy: in place, its first lanes run twice."""

import numpy as np

CAUSE = "the last vector overlaps the one before: those elements are normalized twice"
RIGHT = (
    r"(again|twice|two times|double)",
    r"overlap",
)
SET = "heldout"
DARKPARITY = dict(name="overlapping", dialect="darknet")
V = 8
f = np.float32


def normalize_cpu(x, mean, variance, spatial):
    std = (np.sqrt(variance) + f(1e-6))[:, None]
    starts = [min(s, spatial - V) for s in range(0, spatial, V)] if spatial >= V else [0]
    for s in starts:
        x[:, :, s : s + V] = (x[:, :, s : s + V] - mean[:, None]) / std
    return x


def scale_bias(output, scales):
    return output * scales[:, None]
