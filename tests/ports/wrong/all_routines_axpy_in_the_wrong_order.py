"""A line-by-line translation; rolling = decay * (rolling + gain * batch): scal_cpu comes after axpy_cpu."""

import numpy as np

CAUSE = "the rolling statistics decay after the batch was added, so the batch's share decays too"
RIGHT = (
    r"(decay|scal)\w* .*(after|order)",
    r"order .*(scal|axpy|decay)",
    r"(scal_cpu|axpy_cpu) .*(swapped|exchanged|before|after)",
    r"gain.{0,25}0?\.0099",
    r"decay \* \(",
)
SET = "tuning"
DARKPARITY = dict(name="line-by-line", dialect="darknet")
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


def mean_cpu(x, batch, filters, spatial):
    return x.sum(axis=2, dtype=f).sum(axis=0, dtype=f) / f(batch * spatial)


def variance_cpu(x, mean, batch, filters, spatial):
    d = x - mean[:, None]
    return (d * d).sum(axis=2, dtype=f).sum(axis=0, dtype=f) / f(batch * spatial - 1)


def normalize_cpu(x, mean, variance):
    return (x - mean[:, None]) / (np.sqrt(variance) + f(0.000001))[:, None]


def scale_bias(output, scales):
    return output * scales[:, None]


def add_bias(output, biases):
    return output + biases[:, None]


def backward_bias(bias_updates, delta):
    return bias_updates + delta.sum(axis=2, dtype=f).sum(axis=0, dtype=f)


def backward_scale_cpu(x_norm, delta, scale_updates):
    return scale_updates + (delta * x_norm).sum(axis=2, dtype=f).sum(axis=0, dtype=f)


def mean_delta_cpu(delta, variance):
    return -delta.sum(axis=2, dtype=f).sum(axis=0, dtype=f) / np.sqrt(variance + f(0.00001))


def variance_delta_cpu(x, delta, mean, variance):
    total = (delta * (x - mean[:, None])).sum(axis=2, dtype=np.float64).sum(axis=0)
    return (total * -0.5 * (variance + f(0.00001)).astype(np.float64) ** -1.5).astype(f)


def normalize_delta_cpu(x, mean, variance, mean_delta, variance_delta, delta, batch, spatial):
    m = f(batch * spatial)
    root = np.sqrt(variance + f(0.00001))
    return delta / root[:, None] + variance_delta[:, None] * f(2) * (x - mean[:, None]) / m + mean_delta[:, None] / m


def make_batchnorm_layer(batch, w, h, c):
    big = {name: np.zeros((batch, c, h * w), f) for name in ("output", "delta", "x", "x_norm")}
    small = (
        "biases",
        "scale_updates",
        "bias_updates",
        "mean",
        "variance",
        "rolling_mean",
        "rolling_variance",
        "mean_delta",
        "variance_delta",
    )
    return big | {name: np.zeros(c, f) for name in small} | {"scales": np.ones(c, f)}


def forward_batchnorm_layer(
    type,
    train,
    input,
    output,
    x,
    x_norm,
    scales,
    biases,
    mean,
    variance,
    rolling_mean,
    rolling_variance,
    batch,
    channels,
    spatial,
):
    if type == "BATCHNORM":
        output = input.copy()
    x = output.copy()
    if train:
        mean = mean_cpu(output, batch, channels, spatial)
        variance = variance_cpu(output, mean, batch, channels, spatial)
        axpy_cpu(channels, 0.01, mean, 1, rolling_mean, 1)
        scal_cpu(channels, 0.99, rolling_mean, 1)
        axpy_cpu(channels, 0.01, variance, 1, rolling_variance, 1)
        scal_cpu(channels, 0.99, rolling_variance, 1)
        output = normalize_cpu(output, mean, variance)
        x_norm = output.copy()
    else:
        output = normalize_cpu(output, rolling_mean, rolling_variance)
    output = add_bias(scale_bias(output, scales), biases)
    return output, x, x_norm, mean, variance, rolling_mean, rolling_variance


def backward_batchnorm_layer(
    type,
    train,
    delta,
    x,
    x_norm,
    scales,
    mean,
    variance,
    rolling_mean,
    rolling_variance,
    bias_updates,
    scale_updates,
    batch,
    spatial,
):
    mu, var = (mean, variance) if train else (rolling_mean, rolling_variance)
    bias_updates = backward_bias(bias_updates, delta)
    scale_updates = backward_scale_cpu(x_norm, delta, scale_updates)
    delta = scale_bias(delta, scales)
    mean_delta = mean_delta_cpu(delta, var)
    variance_delta = variance_delta_cpu(x, delta, mu, var)
    delta = normalize_delta_cpu(x, mu, var, mean_delta, variance_delta, delta, batch, spatial)
    got = dict(
        delta=delta,
        bias_updates=bias_updates,
        scale_updates=scale_updates,
        mean_delta=mean_delta,
        variance_delta=variance_delta,
    )
    return got | {"net_delta": delta.copy()} if type == "BATCHNORM" else got
