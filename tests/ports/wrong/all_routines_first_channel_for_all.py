"""`scales[0]` for every channel: a scalar left from the test of a one-channel image."""

import numpy as np

CAUSE = "every channel is multiplied by the scale of channel 0"
RIGHT = (
    r"channel 0",
    r"first (channel|scale|element)",
    r"scales\[0\]",
    r"same scale",
    r"(one|a single) scale",
    r"scale of (the first|another|a wrong) channel",
)
SET = "heldout"
DARKPARITY = dict(name="gray", dialect="darknet")
F = np.float32
_c = np.s_[None, :, None]


def mean_cpu(x):
    return np.array([plane.sum(dtype=F) for plane in np.swapaxes(x, 0, 1)], F) / F(x.shape[0] * x.shape[2])


def variance_cpu(x, mean):
    planes = np.swapaxes(x, 0, 1)
    return np.array([np.square(p - m).sum(dtype=F) for p, m in zip(planes, mean)], F) / F(x.shape[0] * x.shape[2] - 1)


def normalize_cpu(x, mean, variance):
    return (x - mean[_c]) / (np.sqrt(variance[_c]) + F(1e-6))


def scale_bias(output, scales):
    return output * scales[0]


def add_bias(output, biases):
    return output + biases[_c]


def backward_bias(bias_updates, delta):
    return bias_updates + delta.sum((0, 2), dtype=F)


def backward_scale_cpu(x_norm, delta, scale_updates):
    return scale_updates + np.einsum("bcs,bcs->c", x_norm, delta)


def mean_delta_cpu(delta, variance):
    return delta.sum((0, 2), dtype=F) * (F(-1) / np.sqrt(variance + F(1e-5)))


def variance_delta_cpu(x, delta, mean, variance):
    r = F(1) / np.sqrt(variance + F(1e-5))
    return F(-0.5) * ((x - mean[_c]) * delta).sum((0, 2), dtype=F) * r * r * r


def normalize_delta_cpu(x, mean, variance, mean_delta, variance_delta, delta):
    m = F(x.shape[0] * x.shape[2])
    return delta / np.sqrt(variance + F(1e-5))[_c] + variance_delta[_c] * F(2) * (x - mean[_c]) / m + mean_delta[_c] / m
