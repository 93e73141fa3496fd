"""As a compiler with FMA: products are kept wide until they are added, and rounded once."""

import numpy as np

STYLE = "As a compiler with FMA: products are kept wide until they are added, and rounded once."
OTHER = "alexeyab"
DARKPARITY = dict(name="fused-multiply-add", dialect="darknet")

f = np.float32


def fma(a, b, c):
    return (np.multiply(a, b, dtype=np.float64) + c).astype(f)


def axpy_cpu(N, ALPHA, X, INCX, Y, INCY):
    y = slice(0, (N - 1) * INCY + 1, INCY)
    Y[y] = fma(f(ALPHA), X[: (N - 1) * INCX + 1 : INCX], Y[y])


def variance_cpu(x, mean):
    total = np.zeros(len(mean), f)
    for k in range(x.shape[0]):
        centred = (x[k] - mean[:, None]).astype(np.float64)
        total = (total + (centred * centred).sum(1)).astype(f)
    return total / f(x.shape[0] * x.shape[2] - 1)


def normalize_delta_cpu(x, mean, variance, mean_delta, variance_delta, delta):
    m = f(x.shape[0] * x.shape[2])
    inverse = f(1) / np.sqrt(variance + f(1e-5))
    grad = fma(delta, inverse[:, None], (mean_delta / m)[:, None])
    return fma((variance_delta * f(2) / m)[:, None], x - mean[:, None], grad)


def normalize_cpu(x, mean, variance):
    return (x - mean[:, None]) / (np.sqrt(variance) + f(1e-6))[:, None]
