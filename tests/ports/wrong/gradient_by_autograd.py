"""backward lets autograd differentiate DarkNet's forward: the true gradient, which DarkNet's formulas are not."""

import numpy as np
import torch

CAUSE = "backward lets autograd differentiate DarkNet's forward: the true gradient, which DarkNet's formulas are not."
RIGHT = (
    r"gradient of",
    r"autograd",
    r"true (gradient|derivative)",
    r"differentiat",
    r"own forward",
    r"m ?- ?1",
)
SET = "heldout"
DARKPARITY = dict(name="gradient-by-autograd", dialect="darknet")


def normalized(x, mean, variance):
    return (x - mean[:, None]) / (torch.sqrt(variance) + 1e-6)[:, None]


def statistics(x):
    mean = x.mean((0, 2))
    return mean, ((x - mean[:, None]) ** 2).sum((0, 2)) / (x.shape[0] * x.shape[2] - 1)


def backward_batchnorm_layer(
    type, train, delta, x, scales, rolling_mean, rolling_variance, bias_updates, scale_updates
):
    leaf = torch.from_numpy(x).requires_grad_()
    gamma = torch.from_numpy(scales).requires_grad_()
    beta = torch.zeros(len(scales), requires_grad=True)
    used = statistics(leaf) if train else (torch.from_numpy(rolling_mean), torch.from_numpy(rolling_variance))
    y = normalized(leaf, *used) * gamma[:, None] + beta[:, None]
    dx, dgamma, dbeta = torch.autograd.grad(y, (leaf, gamma, beta), torch.from_numpy(delta))
    got = dict(delta=dx, scale_updates=scale_updates + dgamma.numpy(), bias_updates=bias_updates + dbeta.numpy())
    return got | dict(net_delta=np.array(dx)) if type == "BATCHNORM" else got
