"""The helper takes (offset, scale), the caller hands (scale, offset)."""

import torch

CAUSE = "scales and biases are swapped"
RIGHT = (
    r"(scale|bias)\w* .*(swapped|exchanged|interchanged|for each other)",
    r"swap\w* .*(scale|bias)",
    r"scales? .*in place of .*bias",
    r"x_norm \* bias",
    r"biases? .*as scales?|scales? as bias",
)
SET = "tuning"
DARKPARITY = dict(name="torch-helper", dialect="pytorch")


def affine(y, offset, scale):
    return torch.addcmul(offset.view(1, -1, 1), y, scale.view(1, -1, 1))


def forward_batchnorm_layer(type, train, input, output, scales, biases, rolling_mean, rolling_variance):
    x = torch.from_numpy(input if type == "BATCHNORM" else output)
    gamma, beta = torch.from_numpy(scales), torch.from_numpy(biases)
    mean, variance = torch.from_numpy(rolling_mean), torch.from_numpy(rolling_variance)
    if train:
        mean = x.mean(dim=(0, 2))
        variance = ((x - mean.view(1, -1, 1)) ** 2).mean(dim=(0, 2))
    y = (x - mean.view(1, -1, 1)) / torch.sqrt(variance.view(1, -1, 1) + 1e-5)
    return {"output": affine(y, gamma, beta)}
