"""The mean is divided by the pixels of one image; the batch is forgotten in the divisor."""

import numpy as np

CAUSE = "the sum is divided by spatial instead of batch * spatial"
RIGHT = (
    r"divide\w* by (the )?(spatial|size|h\b.*w\b|pixels|number of pixels)",
    r"batch .*(forgotten|missing|left out).*divi",
    r"divi\w+ .*(forgets|without|lacks|omits) .*batch",
    r"mean .*(times|multiplied by|factor of) .*batch",
    r"factor.*\bbatch\b",
)
SET = "heldout"


def mean_cpu(x):
    total = np.add.reduce(np.add.reduce(x, axis=2, dtype=np.float32), axis=0, dtype=np.float32)
    return total / np.float32(x.shape[2])
