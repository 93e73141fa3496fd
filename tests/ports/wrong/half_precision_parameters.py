"""scales and biases were exported as float16 to make the file smaller."""

import torch

CAUSE = "scales and biases are rounded to float16"
RIGHT = (r"float16", r"half.precision", r"\bfp16", r"11 bits", r"\bhalf\b")
SET = "heldout"
DARKPARITY = dict(name="small-file", dialect="darknet-gpu")


def _t(*arrays):
    return [torch.from_numpy(a) for a in arrays]


def _c(t):
    return t[None, :, None]


def mean_cpu(x):
    (x,) = _t(x)
    return x.mean(dim=(0, 2))


def variance_cpu(x, mean):
    x, mean = _t(x, mean)
    return (x - _c(mean)).square().sum(dim=(0, 2)) / (x.shape[0] * x.shape[2] - 1)


def normalize_cpu(x, mean, variance):
    x, mean, variance = _t(x, mean, variance)
    return (x - _c(mean)) / torch.sqrt(_c(variance) + 1e-5)


def scale_bias(output, scales):
    output, scales = _t(output, scales)
    return output * _c(scales.half().float())


def add_bias(output, biases):
    output, biases = _t(output, biases)
    return output + _c(biases.half().float())


def backward_bias(bias_updates, delta):
    updates, delta = _t(bias_updates, delta)
    return updates + delta.sum(dim=(0, 2))


def backward_scale_cpu(x_norm, delta, scale_updates):
    x_norm, delta, updates = _t(x_norm, delta, scale_updates)
    return updates + (x_norm * delta).sum(dim=(0, 2))


def mean_delta_cpu(delta, variance):
    delta, variance = _t(delta, variance)
    return -delta.sum(dim=(0, 2)) / torch.sqrt(variance + 1e-5)


def variance_delta_cpu(x, delta, mean, variance):
    x, delta, mean, variance = _t(x, delta, mean, variance)
    total = ((x - _c(mean)) * delta).sum(dim=(0, 2))
    return (-0.5 * total.double() * (variance + 1e-5).double() ** -1.5).float()
