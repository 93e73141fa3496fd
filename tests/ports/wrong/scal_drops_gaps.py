"""scal allocates a new vector and fills in the scaled elements only; what stands between the strides is 0."""

import torch

CAUSE = "scal allocates a new vector and fills in the scaled elements only; what stands between the strides is 0."
RIGHT = (
    r"gap",
    r"between",
    r"rest.*(0|zero|lost)",
)
SET = "heldout"
DARKPARITY = dict(name="scal-drops-gaps", dialect="darknet")


def t(a):
    return torch.from_numpy(a)


def total(a):
    rows = a.permute(1, 0, 2).reshape(a.shape[1], -1)
    return rows @ torch.ones(rows.shape[1])


def copy_cpu(N, X, INCX, Y, INCY):
    t(Y)[: N * INCY : INCY][:N] = t(X)[: N * INCX : INCX][:N]


def scal_cpu(N, ALPHA, X, INCX):
    scaled = torch.zeros(len(X))
    source = torch.from_numpy(X)
    index = torch.arange(N) * INCX
    scaled[index] = source[index] * ALPHA
    return scaled


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
    return -t(delta).sum((0, 2)) / (t(variance) + 1e-5).sqrt()


def variance_delta_cpu(x, delta, mean, variance):
    dot = (t(delta) * (t(x) - t(mean)[:, None])).sum((0, 2))
    root = (t(variance) + 1e-5).sqrt()
    return -0.5 * dot / root / root / root


def normalize_delta_cpu(x, mean, variance, mean_delta, variance_delta, delta):
    m = x.shape[0] * x.shape[2]
    root = (t(variance) + 1e-5).sqrt()[:, None]
    return t(delta) / root + t(variance_delta)[:, None] * 2 * (t(x) - t(mean)[:, None]) / m + t(mean_delta)[:, None] / m
