"""mean_delta_cpu takes the mean of delta where DarkNet takes the sum; normalize_delta divides by m once more."""

import torch

CAUSE = "mean_delta_cpu takes the mean of delta where DarkNet takes the sum; normalize_delta divides by m once more."
RIGHT = (
    r"divided by m",
    r"averag",
    r"mean of delta",
    r"over m",
    r"1 ?/ ?m",
    r"mean.*instead of.*sum",
    r"divi.*m\b",
)
SET = "heldout"
DARKPARITY = dict(name="mean-delta-is-an-average", dialect="darknet")


def t(a):
    return torch.from_numpy(a)


def total(a):
    rows = a.permute(1, 0, 2).reshape(a.shape[1], -1)
    return rows @ torch.ones(rows.shape[1])


def copy_cpu(N, X, INCX, Y, INCY):
    t(Y)[: N * INCY : INCY][:N] = t(X)[: N * INCX : INCX][:N]


def scal_cpu(N, ALPHA, X, INCX):
    t(X)[: N * INCX : INCX][:N] *= ALPHA


def axpy_cpu(N, ALPHA, X, INCX, Y, INCY):
    t(Y)[: N * INCY : INCY][:N] += ALPHA * t(X)[: N * INCX : INCX][:N]


def mean_cpu(x):
    return total(t(x)) / (x.shape[0] * x.shape[2])


def variance_cpu(x, mean):
    centred = t(x) - t(mean)[:, None]
    return total(centred * centred) / (x.shape[0] * x.shape[2] - 1)


def normalize_cpu(x, mean, variance):
    return (t(x) - t(mean)[:, None]) / (t(variance).sqrt() + 1e-6)[:, None]


def scale_bias(output, scales):
    return torch.einsum("bcs,c->bcs", t(output), t(scales))


def add_bias(output, biases):
    return t(output) + t(biases)[:, None]


def backward_bias(bias_updates, delta):
    return t(bias_updates) + t(delta).sum((0, 2))


def backward_scale_cpu(x_norm, delta, scale_updates):
    return t(scale_updates) + (t(x_norm) * t(delta)).sum((0, 2))


def mean_delta_cpu(delta, variance):
    d, v = torch.from_numpy(delta), torch.from_numpy(variance)
    return d.mean(dim=(0, 2)).neg() * torch.rsqrt(v + 1e-5)


def variance_delta_cpu(x, delta, mean, variance):
    dot = (t(delta) * (t(x) - t(mean)[:, None])).sum((0, 2))
    root = (t(variance) + 1e-5).sqrt()
    return -0.5 * dot / root / root / root


def normalize_delta_cpu(x, mean, variance, mean_delta, variance_delta, delta):
    x, mu, v, md, vd, d = (torch.from_numpy(a) for a in (x, mean, variance, mean_delta, variance_delta, delta))
    m = x.shape[0] * x.shape[2]
    return d * torch.rsqrt(v + 1e-5)[:, None] + vd[:, None] * 2 * (x - mu[:, None]) / m + md[:, None] / m
