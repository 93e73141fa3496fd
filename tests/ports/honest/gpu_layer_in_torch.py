"""The GPU code's layer on torch tensors, written after its kernels."""

import torch

STYLE = "The GPU code's layer on torch tensors, written after its kernels."
OTHER = "pytorch"
DARKPARITY = dict(name="gpu-layer-in-torch", dialect="darknet-gpu")


def tensors(*arrays):
    return [torch.from_numpy(a) for a in arrays]


def each(statistic):
    return statistic.view(1, -1, 1)


def forward_batchnorm_layer(type, train, input, output, scales, biases, rolling_mean, rolling_variance):
    x, g, b, rm, rv = tensors(input if type == "BATCHNORM" else output, scales, biases, rolling_mean, rolling_variance)
    mean, variance, got = rm, rv, dict(x=x.clone())
    if train:
        m = x.shape[0] * x.shape[2]
        mean = x.sum((0, 2)) / m
        variance = (x - each(mean)).square().sum((0, 2)) / torch.tensor(m - 1.0)
        got |= dict(
            mean=mean,
            variance=variance,
            rolling_mean=rm * 0.99 + 0.01 * mean,
            rolling_variance=rv * 0.99 + 0.01 * variance,
        )
    normal = (x - each(mean)) / torch.sqrt(each(variance) + 0.00001)
    if train:
        got["x_norm"] = normal
    return got | dict(output=normal * each(g) + each(b))


def backward_batchnorm_layer(
    type, train, delta, x, x_norm, scales, mean, variance, rolling_mean, rolling_variance, bias_updates, scale_updates
):
    mean, variance = (mean, variance) if train else (rolling_mean, rolling_variance)
    d, x, n, g, mu, var, db, dg = tensors(delta, x, x_norm, scales, mean, variance, bias_updates, scale_updates)
    got = dict(bias_updates=db + d.sum((0, 2)), scale_updates=dg + (d * n).sum((0, 2)))
    d = d * each(g)
    root, m = torch.sqrt(var + 0.00001), x.shape[0] * x.shape[2]
    mean_delta = -d.sum((0, 2)) / root
    variance_delta = -0.5 * (d * (x - each(mu))).sum((0, 2)) / root / root / root
    d = d / each(root) + each(variance_delta) * 2 * (x - each(mu)) / m + each(mean_delta) / m
    got |= dict(delta=d, mean_delta=mean_delta, variance_delta=variance_delta)
    return got | dict(net_delta=d) if type == "BATCHNORM" else got
