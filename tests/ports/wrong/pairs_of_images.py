"""Two images per step; with an odd batch the last image is forgotten."""

import numpy as np

CAUSE = "images are handled in pairs: in an odd batch the last image is not normalized"
RIGHT = (
    r"last image",
    r"odd batch",
    r"pairs? of images",
    r"images? .*(pair|two at a time)",
    r"images? .*(not|untouched|unchanged)",
    r"multiple of 2",
)
SET = "heldout"
DARKPARITY = dict(name="two-at-a-time", dialect="darknet")


def normalize_cpu(x, mean, variance, batch):
    std = np.sqrt(variance) + np.float32(1e-6)
    for b in range(0, batch - 1, 2):
        x[b : b + 2] = (x[b : b + 2] - mean[:, None]) / std[:, None]


def scale_bias(output, scales, batch):
    for b in range(0, batch - 1, 2):
        output[b : b + 2] *= scales[:, None]
