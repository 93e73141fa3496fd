"""backward_scale_cpu starts its sum anew for every image, so only the last image of the batch counts."""

import numpy as np

CAUSE = "backward_scale_cpu starts its sum anew for every image, so only the last image of the batch counts."
RIGHT = (
    r"last image",
    r"images? before the last",
)
SET = "heldout"
DIALECT = "alexeyab"
DARKPARITY = dict(name="backward-scale-keeps-last-image", dialect="alexeyab")


def backward_scale_cpu(x_norm, delta, batch, n, size, scale_updates):
    for i in range(n):
        for b in range(batch):
            total = np.float32(0)
            total += np.dot(delta[b, i], x_norm[b, i])
        scale_updates[i] += total
