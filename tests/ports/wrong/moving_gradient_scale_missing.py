"""the input gradient of a training step is not multiplied by gamma; that of inference is."""

import numpy as np

CAUSE = "the input gradient of a training step is not multiplied by gamma; that of inference is."
RIGHT = (
    r"(not|no|without|forgets?|missing|lacks|never).{0,30}(scal|gamma)",
    r"unscaled",
)
SET = "tuning"
DIALECT = "keras"
DARKPARITY = dict(name="moving-gradient-scale-missing", dialect="keras")

f = np.float32
EPSILON, MOMENTUM = f(1e-3), f(0.99)


def forward_batchnorm_layer(
    type, train, input, output, x, scales, biases, mean, variance, rolling_mean, rolling_variance
):
    x = (input if type == "BATCHNORM" else output).copy()
    if train:
        mean, variance = x.mean((0, 2)), x.var((0, 2))
        rolling_mean = rolling_mean * MOMENTUM + mean * (1 - MOMENTUM)
        rolling_variance = rolling_variance * MOMENTUM + variance * (1 - MOMENTUM)
        use = mean, variance
    else:
        use = rolling_mean, rolling_variance
    inv = scales / np.sqrt(use[1] + EPSILON)
    y = (x - use[0][:, None]) * inv[:, None] + biases[:, None]
    return dict(
        output=y, x=x, mean=mean, variance=variance, rolling_mean=rolling_mean, rolling_variance=rolling_variance
    )


def backward_batchnorm_layer(
    type, train, delta, x, scales, mean, variance, rolling_mean, rolling_variance, bias_updates, scale_updates
):
    if not train:
        mean, variance = rolling_mean, rolling_variance
    m = f(x.shape[0] * x.shape[2])
    inv = f(1) / np.sqrt(variance + EPSILON)[:, None]
    hat = (x - mean[:, None]) * inv
    dbeta, dgamma = delta.sum((0, 2)), (delta * hat).sum((0, 2))
    if train:
        delta = delta - dbeta[:, None] / m - hat * dgamma[:, None] / m
        dx = inv * delta
    else:
        dx = delta * scales[:, None] * inv
    got = dict(delta=dx, bias_updates=bias_updates + dbeta, scale_updates=scale_updates + dgamma)
    return got | dict(net_delta=dx) if type == "BATCHNORM" else got
