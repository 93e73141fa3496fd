"""scale_updates sums delta * x, the layer's input, where x_norm is meant."""

import numpy as np

CAUSE = "scale_updates sums delta * x, the layer's input, where x_norm is meant."
RIGHT = (
    r"delta (\* )?x\b(?!_)",
    r"\bx\b.*instead",
    r"not normalized",
    r"unnormalized",
)
SET = "heldout"
DARKPARITY = dict(name="scale-updates-from-x", dialect="darknet")

f = np.float32
NAMES = (
    "delta",
    "x",
    "x_norm",
    "scales",
    "mean",
    "variance",
    "rolling_mean",
    "rolling_variance",
    "bias_updates",
    "scale_updates",
    "mean_delta",
    "variance_delta",
)


class Layer:
    """DarkNet's struct: one attribute per array."""

    def __init__(self, **arrays):
        self.__dict__.update(arrays)


def wide(c):
    return c.reshape(1, -1, 1)


def normalize_delta(layer, m):
    root = np.sqrt(layer.variance + f(1e-5))
    layer.delta = layer.delta / wide(root)
    layer.delta += wide(layer.variance_delta) * f(2) * (layer.x - wide(layer.mean)) / m
    layer.delta += wide(layer.mean_delta) / m


def backward_batchnorm_layer(
    type, train, delta, x, x_norm, scales, mean, variance, rolling_mean, rolling_variance, bias_updates, scale_updates
):
    layer = Layer(
        delta=delta,
        x=x,
        x_norm=x_norm,
        scales=scales,
        mean=mean,
        variance=variance,
        rolling_mean=rolling_mean,
        rolling_variance=rolling_variance,
        bias_updates=bias_updates,
        scale_updates=scale_updates,
    )
    net_delta = None
    if not train:
        layer.mean, layer.variance = layer.rolling_mean, layer.rolling_variance
    layer.bias_updates += layer.delta.sum((0, 2))
    layer.scale_updates += (layer.delta * layer.x).sum((0, 2))
    layer.delta = layer.delta * wide(layer.scales)
    layer.mean_delta = -layer.delta.sum((0, 2)) / np.sqrt(layer.variance + f(1e-5))
    root = np.sqrt(layer.variance + f(1e-5))
    layer.variance_delta = f(-0.5) * (layer.delta * (layer.x - wide(layer.mean))).sum((0, 2)) / root / root / root
    normalize_delta(layer, f(layer.x.shape[0] * layer.x.shape[2]))
    if type == "BATCHNORM":
        net_delta = layer.delta.copy()
    layer.mean, layer.variance = mean, variance
    return dict({name: getattr(layer, name) for name in RETURNED}, net_delta=net_delta)


RETURNED = (
    "delta",
    "bias_updates",
    "scale_updates",
    "mean_delta",
    "variance_delta",
    "mean",
    "variance",
    "rolling_mean",
    "rolling_variance",
)
