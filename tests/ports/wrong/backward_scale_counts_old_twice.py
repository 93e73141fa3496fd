"""backward_scale_cpu starts its sum at the old scale_updates and then adds it to them: the old content counts
twice.
"""

import numpy as np

CAUSE = (
    "backward_scale_cpu starts its sum at the old scale_updates and then adds it to them: the old content counts twice."
)
RIGHT = (
    r"twice",
    r"doubl",
    r"2 (\*|times)",
)
SET = "tuning"
DARKPARITY = dict(name="backward-scale-counts-old-twice", dialect="darknet")


def backward_scale_cpu(x_norm, delta, batch, n, size, scale_updates):
    a, d = x_norm.ravel(), delta.ravel()
    for i in range(n):
        total = scale_updates[i]
        for b in range(batch):
            row = slice(size * (i + n * b), size * (i + n * b + 1))
            total += np.sum(a[row] * d[row], dtype=np.float32)
        scale_updates[i] += total
