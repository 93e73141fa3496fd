"""`for i in range(spatial - 1)`: the last pixel of every plane is left out of the sum."""

import numpy as np

CAUSE = "the loop ends one element early: the last pixel of each plane is not summed"
RIGHT = (
    r"one \w+ element early",
    r"last (element|pixel|position|spatial|column)",
    r"(one|an) element (early|short|is missing|is left out|is dropped)",
    r"off by one",
    r"(misses|drops|skips|leaves out) .*(last|an element)",
)
SET = "tuning"


def mean_cpu(x, batch, filters, spatial):
    mean = np.zeros(filters, np.float32)
    for i in range(spatial - 1):
        for b in range(batch):
            mean += x[b, :, i]
    return mean / np.float32(batch * spatial)
