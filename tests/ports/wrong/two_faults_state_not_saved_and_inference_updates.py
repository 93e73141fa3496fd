"""x_norm is computed but not kept, and inference moves the rolling mean."""

import numpy as np

CAUSE = "x_norm is not saved in training, and inference updates the rolling mean"
RIGHT = (
    r"x_norm.*(not|never|without).*rolling",
    r"rolling.*x_norm.*(not|never)",
    r"inference.*(updat|mov|chang).*x_norm",
)
SET = "heldout"
DARKPARITY = dict(name="lean", dialect="darknet")
f = np.float32


class Batch:
    """The arrays of a layer as rows of (channels, batch * spatial)."""

    def __init__(self, a):
        self.shape = a.shape
        self.rows = np.swapaxes(a, 0, 1).reshape(a.shape[1], -1)

    def back(self, rows):
        b, c, s = self.shape
        return np.ascontiguousarray(np.swapaxes(rows.reshape(c, b, s), 0, 1))


def mean_cpu(x):
    rows = Batch(x).rows
    return rows.sum(axis=1, dtype=f) / f(rows.shape[1])


def variance_cpu(x, mean):
    rows = Batch(x).rows
    return np.square(rows - mean[:, None]).sum(axis=1, dtype=f) / f(rows.shape[1] - 1)


def normalize_cpu(x, mean, variance):
    batch = Batch(x)
    return batch.back((batch.rows - mean[:, None]) / (np.sqrt(variance) + f(1e-6))[:, None])


def scale_bias(output, scales):
    batch = Batch(output)
    return batch.back(batch.rows * scales[:, None])


def add_bias(output, biases):
    batch = Batch(output)
    return batch.back(batch.rows + biases[:, None])


def forward_batchnorm_layer(
    type, train, input, output, x, x_norm, scales, biases, mean, variance, rolling_mean, rolling_variance
):
    x[:] = input if type == "BATCHNORM" else output
    batch_mean = mean_cpu(x)
    if train:
        mean = batch_mean
        variance = variance_cpu(x, mean)
        rolling_variance = f(0.99) * rolling_variance + f(0.01) * variance
        y = normalize_cpu(x, mean, variance)
    else:
        y = normalize_cpu(x, rolling_mean, rolling_variance)
    rolling_mean = f(0.99) * rolling_mean + f(0.01) * batch_mean
    output = add_bias(scale_bias(y, scales), biases)
    return dict(
        output=output,
        x=x,
        x_norm=x_norm,
        mean=mean,
        variance=variance,
        rolling_mean=rolling_mean,
        rolling_variance=rolling_variance,
    )
