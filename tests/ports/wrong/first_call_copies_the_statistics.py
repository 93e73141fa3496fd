"""Rolling statistics that are still 0 are set to those of the batch, to warm up faster."""

import numpy as np

CAUSE = "where the rolling statistics are still 0 they are set to the batch's instead of moved towards them"
RIGHT = (
    r"first (call|batch|step|update)",
    r"(still|were|are) (0|zero)",
    r"warm.?up",
    r"initial\w* .*(copied|set|batch)",
    r"copied? .*(instead of|on the first)",
    r"fresh layer",
)
SET = "heldout"
DARKPARITY = dict(name="warm", dialect="darknet")
f = np.float32


def move(rolling, batch):
    if not rolling.any():
        return batch.copy()
    return f(0.99) * rolling + f(0.01) * batch


def forward_batchnorm_layer(
    type, train, input, output, x, x_norm, scales, biases, mean, variance, rolling_mean, rolling_variance
):
    x = (input if type == "BATCHNORM" else output).copy()
    if train:
        m = x.shape[0] * x.shape[2]
        mean = x.sum(axis=(0, 2), dtype=f) / f(m)
        variance = np.square(x - mean[:, None]).sum(axis=(0, 2), dtype=f) / f(m - 1)
        rolling_mean, rolling_variance = move(rolling_mean, mean), move(rolling_variance, variance)
        y = x_norm = (x - mean[:, None]) / (np.sqrt(variance) + f(1e-6))[:, None]
    else:
        y = (x - rolling_mean[:, None]) / (np.sqrt(rolling_variance) + f(1e-6))[:, None]
    return dict(
        output=y * scales[:, None] + biases[:, None],
        x=x,
        x_norm=x_norm,
        mean=mean,
        variance=variance,
        rolling_mean=rolling_mean,
        rolling_variance=rolling_variance,
    )


def backward_batchnorm_layer(
    type, train, delta, x, x_norm, scales, mean, variance, rolling_mean, rolling_variance, bias_updates, scale_updates
):
    m = f(x.shape[0] * x.shape[2])
    mu, var = (mean, variance) if train else (rolling_mean, rolling_variance)
    bias_updates = bias_updates + delta.sum((0, 2), dtype=f)
    scale_updates = scale_updates + (delta * x_norm).sum((0, 2), dtype=f)
    delta = delta * scales[:, None]
    root = np.sqrt(var + f(1e-5))
    mean_delta = -delta.sum((0, 2), dtype=f) / root
    variance_delta = f(-0.5) * (delta * (x - mu[:, None])).sum((0, 2), dtype=f) / root / root / root
    delta = delta / root[:, None] + variance_delta[:, None] * f(2) * (x - mu[:, None]) / m + mean_delta[:, None] / m
    found = dict(
        delta=delta,
        bias_updates=bias_updates,
        scale_updates=scale_updates,
        mean_delta=mean_delta,
        variance_delta=variance_delta,
        mean=mean,
        variance=variance,
        rolling_mean=rolling_mean,
        rolling_variance=rolling_variance,
    )
    return {**found, "net_delta": delta} if type == "BATCHNORM" else found
