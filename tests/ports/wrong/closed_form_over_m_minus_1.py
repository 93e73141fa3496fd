"""the closed form of the gradient divides by m - 1 although the variance divided by m."""

import numpy as np

CAUSE = "the closed form of the gradient divides by m - 1 although the variance divided by m."
RIGHT = (
    r"m ?- ?1",
    r"bessel",
    r"unbiased",
)
SET = "heldout"
DIALECT = "flax"
DARKPARITY = dict(name="closed-form-over-m-minus-1", dialect="flax")

f = np.float32


def backward_batchnorm_layer(
    type, train, delta, x, scales, mean, variance, rolling_mean, rolling_variance, bias_updates, scale_updates
):
    mu, var = (mean, variance) if train else (rolling_mean, rolling_variance)
    mul = f(1) / np.sqrt(var + f(1e-5))
    hat = (x - mu[:, None]) * mul[:, None]
    dbias, dscale = delta.sum((0, 2)), (delta * hat).sum((0, 2))
    dx = delta * (scales * mul)[:, None]
    if train:
        count = f(x.shape[0] * x.shape[2] - 1)
        dx = dx - (scales * mul)[:, None] * (dbias[:, None] + hat * dscale[:, None]) / count
    got = dict(delta=dx, bias_updates=bias_updates + dbias, scale_updates=scale_updates + dscale)
    return got | dict(net_delta=dx) if type == "BATCHNORM" else got
