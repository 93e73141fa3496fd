"""Old weights of the moving average, and x saved after normalizing."""

import numpy as np

CAUSE = "decay .9 and gain .1, and x is saved after normalizing"
RIGHT = (
    r"(decay|gain|momentum|rolling).*\bx (is )?.*(after|late|alias|x_norm|normaliz)",
    r"\bx (is )?.*(after|late|alias|x_norm|normaliz).*(decay|gain|momentum|rolling)",
)
SET = "heldout"
DARKPARITY = dict(name="fork", dialect="darknet")
f = np.float32


def copy_cpu(N, X, INCX, Y, INCY):
    Y[: N * INCY : INCY][:N] = X[: N * INCX : INCX][:N]


def scal_cpu(N, ALPHA, X, INCX):
    X[: N * INCX : INCX] *= f(ALPHA)


def axpy_cpu(N, ALPHA, X, INCX, Y, INCY):
    Y[: N * INCY : INCY] += f(ALPHA) * X[: N * INCX : INCX]


def mean_cpu(x):
    return x.sum((0, 2), dtype=f) / f(x.shape[0] * x.shape[2])


def variance_cpu(x, mean):
    return np.square(x - mean[:, None]).sum((0, 2), dtype=f) / f(x.shape[0] * x.shape[2] - 1)


def normalize_cpu(x, mean, variance):
    x -= mean[:, None]
    x /= (np.sqrt(variance) + f(1e-6))[:, None]


def scale_bias(output, scales):
    output *= scales[:, None]


def add_bias(output, biases):
    output += biases[:, None]


def forward_batchnorm_layer(
    type, train, input, output, x, x_norm, scales, biases, mean, variance, rolling_mean, rolling_variance
):
    if type == "BATCHNORM":
        copy_cpu(output.size, input.ravel(), 1, output.reshape(-1), 1)
    if train:
        mean = mean_cpu(output)
        variance = variance_cpu(output, mean)
        scal_cpu(mean.size, 0.9, rolling_mean, 1)
        axpy_cpu(mean.size, 0.1, mean, 1, rolling_mean, 1)
        scal_cpu(mean.size, 0.9, rolling_variance, 1)
        axpy_cpu(mean.size, 0.1, variance, 1, rolling_variance, 1)
        normalize_cpu(output, mean, variance)
        x_norm[:] = output
    else:
        normalize_cpu(output, rolling_mean, rolling_variance)
    x[:] = output
    scale_bias(output, scales)
    add_bias(output, biases)
    return output, x, x_norm, mean, variance, rolling_mean, rolling_variance


def backward_batchnorm_layer(
    type, train, delta, x, x_norm, scales, mean, variance, rolling_mean, rolling_variance, bias_updates, scale_updates
):
    if not train:
        mean, variance = rolling_mean, rolling_variance
    bias_updates += delta.sum((0, 2), dtype=f)
    scale_updates += (delta * x_norm).sum((0, 2), dtype=f)
    scale_bias(delta, scales)
    m, root, centred = f(x.shape[0] * x.shape[2]), np.sqrt(variance + f(1e-5)), x - mean[:, None]
    mean_delta = -delta.sum((0, 2), dtype=f) / root
    variance_delta = f(-0.5) * (delta * centred).sum((0, 2), dtype=f) / root / root / root
    delta = delta / root[:, None] + variance_delta[:, None] * f(2) * centred / m + mean_delta[:, None] / m
    got = dict(
        delta=delta,
        bias_updates=bias_updates,
        scale_updates=scale_updates,
        mean_delta=mean_delta,
        variance_delta=variance_delta,
    )
    if type == "BATCHNORM":
        got["net_delta"] = delta
    return got
