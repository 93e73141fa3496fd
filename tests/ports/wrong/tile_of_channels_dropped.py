"""range(channels // TILE): the channels of an incomplete last tile are never written."""

import numpy as np

CAUSE = "channels after the last full tile of 4 are left as they were"
RIGHT = (
    r"last .*channel",
    r"channels? .*(tail|remain|left over|left as|not (written|handled|processed|normalized))",
    r"multiple of",
    r"full (tile|block)",
    r"\btail",
)
SET = "tuning"
DARKPARITY = dict(name="tiled", dialect="darknet")
TILE = 4
f = np.float32


def _tiles(channels):
    return [slice(t * TILE, (t + 1) * TILE) for t in range(channels // TILE)]


def forward_batchnorm_layer(type, train, input, output, scales, biases, rolling_mean, rolling_variance):
    source = input if type == "BATCHNORM" else output
    out = source.copy()
    m = source.shape[0] * source.shape[2]
    for tile in _tiles(source.shape[1]):
        x = source[:, tile]
        if train:
            mean = x.sum((0, 2), dtype=f) / f(m)
            variance = np.square(x - mean[:, None]).sum((0, 2), dtype=f) / f(m - 1)
        else:
            mean, variance = rolling_mean[tile], rolling_variance[tile]
        out[:, tile] = (x - mean[:, None]) / (np.sqrt(variance) + f(1e-6))[:, None] * scales[tile, None] + biases[
            tile, None
        ]
    return dict(output=out)
