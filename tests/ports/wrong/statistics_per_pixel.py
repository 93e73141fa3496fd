"""np.mean(x, axis=0), as in a fully connected layer: every pixel has its own statistics over the batch."""

import numpy as np

CAUSE = "statistics are taken over the batch only, per pixel, not over batch and spatial"
RIGHT = (
    r"(each|every|per).(pixel|position|element|location)",
    r"batch (axis )?(only|alone)",
    r"not over spatial|spatial .*(left out|forgotten) .*(mean|statistics)",
    r"over the batch only",
)
SET = "heldout"
DARKPARITY = dict(name="dense-style", dialect="flax")
f = np.float32


def forward_batchnorm_layer(type, train, input, output, scales, biases, rolling_mean, rolling_variance):
    x = input if type == "BATCHNORM" else output
    if train:
        mean = np.mean(x, axis=0, keepdims=True)
        variance = np.mean((x - mean) ** 2, axis=0, keepdims=True)
    else:
        mean, variance = rolling_mean[:, None], rolling_variance[:, None]
    y = (x - mean) / np.sqrt(variance + f(1e-5))
    return dict(output=y * scales[:, None] + biases[:, None])
