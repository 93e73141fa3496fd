"""backward_scale_cpu handles a row eight pixels at a time and drops the spatial mod 8 that remain."""

import numpy as np

CAUSE = "backward_scale_cpu handles a row eight pixels at a time and drops the spatial mod 8 that remain."
RIGHT = (
    r"tail",
    r"remainder",
    r"multiple of",
    r"unroll",
    r"mod 8",
    r"last (few|pixels|columns|elements)",
)
SET = "heldout"
DIALECT = "alexeyab"
DARKPARITY = dict(name="scale-updates-lose-the-tail", dialect="alexeyab")

LANES = 8


def backward_scale_cpu(x_norm, delta, scale_updates, spatial):
    full = spatial // LANES * LANES
    a, d = x_norm[..., :full], delta[..., :full]
    partial = (a * d).reshape(*a.shape[:2], -1, LANES).sum(2, dtype=np.float32)
    return scale_updates + partial.sum((0, 2), dtype=np.float32)
