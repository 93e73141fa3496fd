"""each block of variance_delta's kernel handles one filter but reads variance[0] for its power."""

import numpy as np

CAUSE = "each block of variance_delta's kernel handles one filter but reads variance[0] for its power."
RIGHT = (
    r"channel 0",
    r"first channel",
    r"variance\[0\]",
    r"(another|other|wrong) channel",
)
SET = "tuning"
DIALECT = "darknet-gpu"
DARKPARITY = dict(name="gpu-block-reads-first-variance", dialect="darknet-gpu")

f = np.float32


BLOCK = 512


def variance_delta_kernel(i, x, delta, mean, variance, variance_delta):
    filter_variance = variance[:1]  # pointer without the block's offset
    power = f(np.float64(filter_variance[0] + f(1e-5)) ** -1.5)
    variance_delta[i] = (delta[:, i] * (x[:, i] - mean[i])).sum() * f(-0.5) * power


def block_sum(values):
    """values: (batch, spatial) of one filter; thread t adds up the pixels t, t + BLOCK, ... of every image."""
    local = np.zeros(BLOCK, f)
    for image in values:
        for start in range(0, image.size, BLOCK):
            part = image[start : start + BLOCK]
            local[: part.size] += part
    return local.sum(dtype=f)


def each_filter(kernel, filters):
    return np.array([kernel(i) for i in range(filters)], f)


def mean_cpu(x, filters):
    return each_filter(lambda i: block_sum(x[:, i]) / f(x.shape[0] * x.shape[2]), filters)


def variance_cpu(x, mean, filters):
    count = f(x.shape[0] * x.shape[2] - 1)
    return each_filter(lambda i: block_sum((x[:, i] - mean[i]) ** 2) / count, filters)


def normalize_cpu(x, mean, variance):
    return (x - mean[:, None]) / np.sqrt(variance + f(0.00001))[:, None]


def backward_scale_cpu(x_norm, delta, scale_updates, filters):
    return scale_updates + each_filter(lambda i: block_sum(delta[:, i] * x_norm[:, i]), filters)


def mean_delta_cpu(delta, variance, filters):
    return each_filter(lambda i: block_sum(delta[:, i]) * (f(-1) / np.sqrt(variance[i] + f(0.00001))), filters)


def variance_delta_cpu(x, delta, mean, variance, filters, variance_delta):
    for block in range(filters):
        variance_delta_kernel(block, x, delta, mean, variance, variance_delta)


def normalize_delta_cpu(x, mean, variance, mean_delta, variance_delta, delta):
    m = f(x.shape[0] * x.shape[2])
    through = variance_delta[:, None] * f(2) * (x - mean[:, None]) / m
    return delta / np.sqrt(variance + f(0.00001))[:, None] + through + mean_delta[:, None] / m
