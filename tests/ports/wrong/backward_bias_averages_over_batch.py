"""backward_bias divides the sum of delta by the batch size, as a loss that is a mean would."""

import torch

CAUSE = "backward_bias divides the sum of delta by the batch size, as a loss that is a mean would."
RIGHT = (
    r"/ ?batch",
    r"by the batch",
    r"averag",
    r"mean.*images",
)
SET = "heldout"
DARKPARITY = dict(name="backward-bias-averages-over-batch", dialect="darknet")


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
    return torch.from_numpy(output) + torch.from_numpy(biases).view(1, -1, 1)


def backward_bias(bias_updates, delta):
    per_image = torch.from_numpy(delta).sum(2)
    return torch.from_numpy(bias_updates) + per_image.mean(0)


def backward_scale_cpu(x_norm, delta, scale_updates):
    return t(scale_updates) + (t(x_norm) * t(delta)).sum((0, 2))


def mean_delta_cpu(delta, variance):
    return -t(delta).sum((0, 2)) / (t(variance) + 1e-5).sqrt()


def variance_delta_cpu(x, delta, mean, variance):
    dot = (t(delta) * (t(x) - t(mean)[:, None])).sum((0, 2))
    root = (t(variance) + 1e-5).sqrt()
    return -0.5 * dot / root / root / root


def normalize_delta_cpu(x, mean, variance, mean_delta, variance_delta, delta):
    m = x.shape[0] * x.shape[2]
    root = (t(variance) + 1e-5).sqrt()[:, None]
    return t(delta) / root + t(variance_delta)[:, None] * 2 * (t(x) - t(mean)[:, None]) / m + t(mean_delta)[:, None] / m
