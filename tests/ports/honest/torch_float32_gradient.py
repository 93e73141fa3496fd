"""PyTorch's native formulas in torch tensors, gradient included; x_hat is made once."""

import torch

STYLE = "PyTorch's native formulas in torch tensors, gradient included; x_hat is made once."
OTHER = "keras"
DARKPARITY = dict(name="torch-float32-gradient", dialect="pytorch")


def t(*arrays):
    return [torch.from_numpy(a) for a in arrays]


def forward_batchnorm_layer(type, train, input, output, scales, biases, rolling_mean, rolling_variance):
    x, g, b, rm, rv = t(input if type == "BATCHNORM" else output, scales, biases, rolling_mean, rolling_variance)
    mean, var, got = rm, rv, dict(x=x.clone())
    if train:
        m = x.shape[0] * x.shape[2]
        mean = x.sum((0, 2)) / m
        squares = ((x - mean[:, None]) ** 2).sum((0, 2))
        var = squares / m
        unbiased = squares / torch.tensor(m - 1.0)
        got |= dict(
            mean=mean, variance=var, rolling_mean=0.9 * rm + 0.1 * mean, rolling_variance=0.9 * rv + 0.1 * unbiased
        )
    y = (x - mean[:, None]) / (var + 1e-5).sqrt()[:, None]
    return got | dict(output=torch.addcmul(b[:, None], y, g[:, None]))


def backward_batchnorm_layer(
    type, train, delta, x, scales, mean, variance, rolling_mean, rolling_variance, bias_updates, scale_updates
):
    d, x, g, mu, var = t(delta, x, scales, *((mean, variance) if train else (rolling_mean, rolling_variance)))
    inv = 1 / (var + 1e-5).sqrt()[:, None]
    hat = (x - mu[:, None]) * inv
    db, dg = d.sum((0, 2)), (d * hat).sum((0, 2))
    dx = d * g[:, None] * inv
    if train:
        m = x.shape[0] * x.shape[2]
        dx = dx - (g * db / m)[:, None] * inv - (g * dg / m)[:, None] * hat * inv
    got = dict(delta=dx, bias_updates=bias_updates + db.numpy(), scale_updates=scale_updates + dg.numpy())
    return got | dict(net_delta=dx) if type == "BATCHNORM" else got
