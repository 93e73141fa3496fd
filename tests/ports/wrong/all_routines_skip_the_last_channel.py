"""`for f in range(filters - 1)`: the last channel is left out everywhere it is looped over."""

import numpy as np

CAUSE = "the loops over the channels end one early: the last channel is not handled"
RIGHT = (
    r"last channel",
    r"one channel (less|early|short|too few)",
    r"channel .*(not (handled|written|normalized|updated|computed)|dropped|skipped|left)",
    r"off by one",
)
SET = "tuning"
DARKPARITY = dict(name="off-by-one", dialect="darknet-gpu")
f = np.float32


def mean_cpu(x, filters, batch, spatial):
    mean = np.zeros(filters, f)
    for i in range(filters - 1):
        mean[i] = x[:, i].sum(dtype=f) / f(batch * spatial)
    return mean


def variance_cpu(x, mean, filters, batch, spatial):
    variance = np.zeros(filters, f)
    for i in range(filters - 1):
        variance[i] = np.square(x[:, i] - mean[i]).sum(dtype=f) / f(batch * spatial - 1)
    return variance


def normalize_cpu(x, mean, variance, filters):
    for i in range(filters - 1):
        x[:, i] = (x[:, i] - mean[i]) / np.sqrt(variance[i] + f(0.00001))


def scale_bias(output, scales, n):
    for i in range(n - 1):
        output[:, i] *= scales[i]


def add_bias(output, biases, n):
    for i in range(n - 1):
        output[:, i] += biases[i]
