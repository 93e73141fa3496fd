"""mean_delta_cpu multiplies by 1 / sqrt(variance + epsilon) and forgets the minus sign."""

import numpy as np

CAUSE = "mean_delta_cpu multiplies by 1 / sqrt(variance + epsilon) and forgets the minus sign."
RIGHT = (
    r"sign",
    r"minus",
    r"negat",
    r"positive",
)
SET = "tuning"
DIALECT = "darknet-gpu"
DARKPARITY = dict(name="mean-delta-without-minus", dialect="darknet-gpu")

f = np.float32


BLOCK = 512


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


def mean_delta_cpu(delta, variance, batch, filters, spatial, mean_delta):
    for i in range(filters):
        mean_delta[i] = 0
        for j in range(batch):
            mean_delta[i] += delta[j, i].sum(dtype=np.float32)
        mean_delta[i] *= np.float32(1) / np.sqrt(variance[i] + np.float32(0.00001))


def variance_delta_cpu(x, delta, mean, variance, filters):
    def kernel(i):
        power = f(np.float64(variance[i] + f(0.00001)) ** -1.5)
        return block_sum(delta[:, i] * (x[:, i] - mean[i])) * f(-0.5) * power

    return each_filter(kernel, filters)


def normalize_delta_cpu(x, mean, variance, mean_delta, variance_delta, delta):
    m = f(x.shape[0] * x.shape[2])
    through = variance_delta[:, None] * f(2) * (x - mean[:, None]) / m
    return delta / np.sqrt(variance + f(0.00001))[:, None] + through + mean_delta[:, None] / m
