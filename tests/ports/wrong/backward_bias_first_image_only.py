"""backward_bias sums over the pixels of the first image and forgets the loop over the batch."""

import numpy as np

CAUSE = "backward_bias sums over the pixels of the first image and forgets the loop over the batch."
RIGHT = (
    r"first image",
    r"one image",
    r"image 0",
    r"images? but the first",
    r"forgets.*batch",
)
SET = "heldout"
DARKPARITY = dict(name="backward-bias-first-image-only", dialect="darknet")


def backward_bias(bias_updates, delta, batch, n, size):
    flat = delta.ravel()
    for i in range(n):
        bias_updates[i] += flat[i * size : (i + 1) * size].sum(dtype=np.float32)
