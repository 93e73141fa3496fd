"""the projection on x_hat is added to the gradient where it must be subtracted."""

import torch

CAUSE = "the projection on x_hat is added to the gradient where it must be subtracted."
RIGHT = (
    r"sign",
    r"projection",
    r"added",
)
SET = "tuning"
DIALECT = "flax"
DARKPARITY = dict(name="closed-form-adds-projection", dialect="flax")


def t(*arrays):
    return [torch.from_numpy(a) for a in arrays]


def backward_batchnorm_layer(
    type, train, delta, x, scales, mean, variance, rolling_mean, rolling_variance, bias_updates, scale_updates
):
    d, x, g, mu, var = t(delta, x, scales, *((mean, variance) if train else (rolling_mean, rolling_variance)))
    inv = torch.rsqrt(var + 1e-5)[:, None]
    hat = (x - mu[:, None]) * inv
    dy = d * g[:, None]
    dx = dy
    if train:
        dx = dy - dy.mean((0, 2), keepdim=True) + hat * (dy * hat).mean((0, 2), keepdim=True)
    dx = dx * inv
    sums = d.sum((0, 2)).numpy(), (d * hat).sum((0, 2)).numpy()
    got = dict(delta=dx, bias_updates=bias_updates + sums[0], scale_updates=scale_updates + sums[1])
    return got | dict(net_delta=dx) if type == "BATCHNORM" else got
