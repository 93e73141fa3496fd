"""the loop of variance_delta_cpu over the pixels starts at 1 and skips the first pixel of every row."""

import numpy as np

CAUSE = "the loop of variance_delta_cpu over the pixels starts at 1 and skips the first pixel of every row."
RIGHT = (
    r"first (pixel|element|column|value)",
    r"off by one",
    r"starts? at 1",
    r"(pixel|element) 0",
)
SET = "heldout"
DARKPARITY = dict(name="variance-delta-loop-starts-at-one", dialect="darknet")

f = np.float32


def copy_cpu(N, X, INCX, Y, INCY):
    for i in range(N):
        Y[i * INCY] = X[i * INCX]


def scal_cpu(N, ALPHA, X, INCX):
    for i in range(N):
        X[i * INCX] *= f(ALPHA)


def axpy_cpu(N, ALPHA, X, INCX, Y, INCY):
    for i in range(N):
        Y[i * INCY] += f(ALPHA) * X[i * INCX]


def mean_cpu(x, batch, filters, spatial, mean):
    flat = x.reshape(-1)
    scale = f(1) / f(batch * spatial)
    for i in range(filters):
        mean[i] = 0
        for j in range(batch):
            start = (j * filters + i) * spatial
            mean[i] += flat[start : start + spatial].sum()
        mean[i] *= scale


def variance_cpu(x, mean, batch, filters, spatial, variance):
    flat = x.reshape(-1)
    count = batch * spatial - 1
    for i in range(filters):
        variance[i] = 0
        for j in range(batch):
            start = (j * filters + i) * spatial
            d = flat[start : start + spatial] - mean[i]
            variance[i] += (d * d).sum()
        variance[i] /= f(count)


def normalize_cpu(x, mean, variance, batch, filters, spatial):
    flat = x.reshape(-1)
    for b in range(batch):
        for i in range(filters):
            row = slice((b * filters + i) * spatial, (b * filters + i + 1) * spatial)
            flat[row] = (flat[row] - mean[i]) / (np.sqrt(variance[i]) + f(0.000001))


def scale_bias(output, scales, batch, n, size):
    flat = output.reshape(-1)
    for b in range(batch):
        for i in range(n):
            flat[(b * n + i) * size : (b * n + i + 1) * size] *= scales[i]


def add_bias(output, biases, batch, n, size):
    flat = output.reshape(-1)
    for b in range(batch):
        for i in range(n):
            flat[(b * n + i) * size : (b * n + i + 1) * size] += biases[i]


def backward_bias(bias_updates, delta, batch, n, size):
    flat = delta.reshape(-1)
    for b in range(batch):
        for i in range(n):
            bias_updates[i] += flat[size * (i + b * n) : size * (i + b * n + 1)].sum()


def backward_scale_cpu(x_norm, delta, batch, n, size, scale_updates):
    a, d = x_norm.reshape(-1), delta.reshape(-1)
    for i in range(n):
        total = f(0)
        for b in range(batch):
            index = size * (i + n * b)
            total += (d[index : index + size] * a[index : index + size]).sum()
        scale_updates[i] += total


def mean_delta_cpu(delta, variance, batch, filters, spatial, mean_delta):
    flat = delta.reshape(-1)
    for i in range(filters):
        mean_delta[i] = 0
        for j in range(batch):
            index = j * filters * spatial + i * spatial
            mean_delta[i] += flat[index : index + spatial].sum()
        mean_delta[i] *= f(-1) / np.sqrt(variance[i] + f(0.00001))


def variance_delta_cpu(x, delta, mean, variance, batch, filters, spatial, variance_delta):
    for i in range(filters):
        total = f(0)
        for j in range(batch):
            k = slice(1, spatial)
            total += np.sum(delta[j, i, k] * (x[j, i, k] - mean[i]))
        root = np.sqrt(variance[i] + f(1e-5))
        variance_delta[i] = f(-0.5) * total / root / root / root


def normalize_delta_cpu(x, mean, variance, mean_delta, variance_delta, batch, filters, spatial, delta):
    values, flat = x.reshape(-1), delta.reshape(-1)
    m = f(spatial * batch)
    for j in range(batch):
        for i in range(filters):
            index = j * filters * spatial + i * spatial
            row = slice(index, index + spatial)
            flat[row] = (
                flat[row] * f(1) / np.sqrt(variance[i] + f(0.00001))
                + variance_delta[i] * f(2) * (values[row] - mean[i]) / m
                + mean_delta[i] / m
            )
