"""the block reduction of the delta kernels stops one step early: half of the partial sums is never added."""

import numpy as np

CAUSE = "the block reduction of the delta kernels stops one step early: half of the partial sums is never added."
RIGHT = (
    r"half",
    r"partial sum",
    r"reduction",
    r"threads",
    r"every second",
)
SET = "heldout"
DIALECT = "darknet-gpu"
DARKPARITY = dict(name="gpu-reduction-drops-upper-half", dialect="darknet-gpu")

f = np.float32
BLOCK = 32


def reduce(local):
    """Tree over shared memory; the last step, local[0] += local[1], is missing."""
    width = BLOCK // 2
    while width > 1:
        local[:width] += local[width : 2 * width]
        width //= 2
    return local[0]


def block_sum(values):
    local = np.zeros(BLOCK, f)
    for image in values:
        padded = np.zeros(-(-image.size // BLOCK) * BLOCK, f)
        padded[: image.size] = image
        local += padded.reshape(-1, BLOCK).sum(0)
    return reduce(local)


def mean_delta_cpu(delta, variance, filters):
    return np.array([-block_sum(delta[:, i]) / np.sqrt(variance[i] + f(1e-5)) for i in range(filters)], f)


def backward_scale_cpu(x_norm, delta, scale_updates, filters):
    return scale_updates + np.array([block_sum(delta[:, i] * x_norm[:, i]) for i in range(filters)], f)
