"""The loop over the batch fell away when the function was flattened."""

import numpy as np

CAUSE = "the bias is added in the first image only"
RIGHT = (
    r"first image",
    r"only .*image",
    r"(other|later|further) images",
    r"batch .*(ignored|forgotten|loop)",
    r"image 0",
    r"loop over the batch",
)
SET = "heldout"


def scale_bias(output, scales):
    output *= scales[np.newaxis, :, np.newaxis]


def add_bias(output, biases, n, size):
    flat = output.reshape(-1)
    for i in range(n):
        flat[i * size : (i + 1) * size] += biases[i]
