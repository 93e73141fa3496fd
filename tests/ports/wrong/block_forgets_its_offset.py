"""Channels are handled in tiles of four; within a tile the statistics are read with the local channel."""

import numpy as np

CAUSE = "within a block of 4 channels the statistics are indexed by the local channel; the block's offset is forgotten"
RIGHT = (
    r"local (channel|index)",
    r"offset .*(forgotten|missing|dropped)",
    r"(block|tile|group)s? of \d+ channels",
    r"modulo \d",
    r"index\w* modulo",
    r"first (block|4|tile)",
)
SET = "heldout"
TILE = 4


def normalize_cpu(x, mean, variance):
    out = np.empty_like(x)
    for start in range(0, x.shape[1], TILE):
        tile = x[:, start : start + TILE]
        n = tile.shape[1]
        out[:, start : start + n] = (tile - mean[:n, None]) / (np.sqrt(variance[:n, None]) + np.float32(1e-6))
    return out
