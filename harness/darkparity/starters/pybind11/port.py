"""DarkNet's own in-place functions (darknet_loops.cpp), in this process: wrappers that name their arguments.

darkparity calls functions that are named like its operations (docs/specification.md) with arguments by
name: arrays, attributes and sizes. One that returns nothing has written into its arguments. Arrays that the
call does not bring are there to be written into; a default value says that one may be missing altogether.
To make it yours, delete what you have nothing for: that is then "unsupported", which is no failure.
"""

import darknet_loops as loops
import numpy as np

DARKPARITY = dict(name="my_port", dialect="darknet", labels=("two_pass", "ieee"))


def copy_cpu(N, X, INCX, Y, INCY):
    """Y = X, with strides."""
    loops.copy_cpu(N, X, INCX, Y, INCY)


def scal_cpu(N, ALPHA, X, INCX):
    """X *= ALPHA."""
    loops.scal_cpu(N, ALPHA, X, INCX)


def axpy_cpu(N, ALPHA, X, INCX, Y, INCY):
    """Y += ALPHA * X."""
    loops.axpy_cpu(N, ALPHA, X, INCX, Y, INCY)


def mean_cpu(x, batch, filters, spatial, mean):
    """Sum of x / m."""
    loops.mean_cpu(x, batch, filters, spatial, mean)


def variance_cpu(x, mean, batch, filters, spatial, variance):
    """Sum of (x - mean)^2 / (m - 1)."""
    loops.variance_cpu(x, mean, batch, filters, spatial, variance)


def normalize_cpu(x, mean, variance, batch, filters, spatial):
    """(x - mean) / (sqrt(variance) + 1e-6)."""
    loops.normalize_cpu(x, mean, variance, batch, filters, spatial)


def scale_bias(output, scales, batch, n, size):
    """Output *= scales."""
    loops.scale_bias(output, scales, batch, n, size)


def add_bias(output, biases, batch, n, size):
    """Output += biases."""
    loops.add_bias(output, biases, batch, n, size)


def backward_bias(bias_updates, delta, batch, n, size):
    """bias_updates += sum of delta."""
    loops.backward_bias(bias_updates, delta, batch, n, size)


def backward_scale_cpu(x_norm, delta, batch, n, size, scale_updates):
    """scale_updates += sum of delta * x_norm."""
    loops.backward_scale_cpu(x_norm, delta, batch, n, size, scale_updates)


def mean_delta_cpu(delta, variance, batch, filters, spatial, mean_delta):
    """-sum of delta / sqrt(variance + 1e-5)."""
    loops.mean_delta_cpu(delta, variance, batch, filters, spatial, mean_delta)


def variance_delta_cpu(x, delta, mean, variance, batch, filters, spatial, variance_delta):
    """-.5 sum of delta (x - mean) / (variance + 1e-5)^(3/2)."""
    loops.variance_delta_cpu(x, delta, mean, variance, batch, filters, spatial, variance_delta)


def normalize_delta_cpu(x, mean, variance, mean_delta, variance_delta, batch, filters, spatial, delta):
    """Delta through the three terms."""
    loops.normalize_delta_cpu(x, mean, variance, mean_delta, variance_delta, batch, filters, spatial, delta)


def make_batchnorm_layer(batch, w, h, c):
    """Every array of a new layer: zeros, but scales."""
    full, channels = (
        (batch, c, w * h),
        (
            "biases",
            "mean",
            "variance",
            "rolling_mean",
            "rolling_variance",
            "scale_updates",
            "bias_updates",
            "mean_delta",
            "variance_delta",
        ),
    )
    layer = {name: np.zeros(full, np.float32) for name in ("output", "delta", "x", "x_norm")}
    layer.update({name: np.zeros(c, np.float32) for name in channels})
    return {**layer, "scales": np.ones(c, np.float32)}


def forward_batchnorm_layer(type, train, batch, channels, spatial, output, x, x_norm, scales, biases, mean,
                            variance, rolling_mean, rolling_variance, input=None):  # fmt: skip
    """A BATCHNORM layer starts from `input`, others bring their own `output`."""
    sizes, count = (batch, channels, spatial), batch * channels * spatial
    if type == "BATCHNORM":
        loops.copy_cpu(count, input, 1, output, 1)
    loops.copy_cpu(count, output, 1, x, 1)
    if train:
        loops.mean_cpu(output, *sizes, mean)
        loops.variance_cpu(output, mean, *sizes, variance)
        for rolling, now in ((rolling_mean, mean), (rolling_variance, variance)):
            loops.scal_cpu(channels, 0.99, rolling, 1)
            loops.axpy_cpu(channels, 0.01, now, 1, rolling, 1)
        loops.normalize_cpu(output, mean, variance, *sizes)
        loops.copy_cpu(count, output, 1, x_norm, 1)
    else:
        loops.normalize_cpu(output, rolling_mean, rolling_variance, *sizes)
    loops.scale_bias(output, scales, *sizes)
    loops.add_bias(output, biases, *sizes)


def backward_batchnorm_layer(type, train, batch, channels, spatial, delta, x, x_norm, scales, mean, variance,
                             rolling_mean, rolling_variance, bias_updates, scale_updates, mean_delta,
                             variance_delta, net_delta=None):  # fmt: skip
    """In inference mode with the rolling statistics, for this call only."""
    sizes = (batch, channels, spatial)
    if not train:
        mean, variance = rolling_mean, rolling_variance
    loops.backward_bias(bias_updates, delta, *sizes)
    loops.backward_scale_cpu(x_norm, delta, *sizes, scale_updates)
    loops.scale_bias(delta, scales, *sizes)
    loops.mean_delta_cpu(delta, variance, *sizes, mean_delta)
    loops.variance_delta_cpu(x, delta, mean, variance, *sizes, variance_delta)
    loops.normalize_delta_cpu(x, mean, variance, mean_delta, variance_delta, *sizes, delta)
    if type == "BATCHNORM":
        loops.copy_cpu(batch * channels * spatial, delta, 1, net_delta, 1)
