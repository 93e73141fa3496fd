"""Statistics of every two images by themselves, as a trainer with small virtual batches does."""

import numpy as np

CAUSE = "statistics are taken over two images at a time instead of the whole batch"
RIGHT = (
    r"(two|2|pairs? of) images",
    r"part of the batch",
    r"ghost",
    r"virtual batch",
    r"(half|halves|groups?|subsets?|parts?) of (the )?(batch|images)",
    r"whole batch",
    r"sub-?batch|subdivision",
)
SET = "heldout"
DARKPARITY = dict(name="ghost", dialect="darknet")
f = np.float32
SIZE = 2


def forward_batchnorm_layer(type, train, input, output, scales, biases, rolling_mean, rolling_variance):
    source = input if type == "BATCHNORM" else output
    out = np.empty_like(source)
    for start in range(0, len(source), SIZE):
        x = source[start : start + SIZE]
        mean, variance = rolling_mean, rolling_variance
        if train:
            m = x.shape[0] * x.shape[2]
            mean = x.sum((0, 2), dtype=f) / f(m)
            variance = np.square(x - mean[:, None]).sum((0, 2), dtype=f) / f(m - 1)
        out[start : start + SIZE] = (x - mean[:, None]) / (np.sqrt(variance) + f(1e-6))[:, None] * scales[
            :, None
        ] + biases[:, None]
    return {"output": out}
