"""Autocast left on: x is rounded to bfloat16 before it is normalized."""

import torch

CAUSE = "x passes through bfloat16"
RIGHT = (r"bfloat16", r"\bbf16", r"8 bits", r"rounded to (8|fewer)")
SET = "tuning"
DARKPARITY = dict(name="autocast", dialect="pytorch")


def forward_batchnorm_layer(type, train, input, output, scales, biases, rolling_mean, rolling_variance):
    x = torch.from_numpy(input if type == "BATCHNORM" else output)
    x = x.to(torch.bfloat16).float()
    mean, variance = torch.from_numpy(rolling_mean), torch.from_numpy(rolling_variance)
    if train:
        m = x.shape[0] * x.shape[2]
        mean = x.sum(dim=(0, 2)) / m
        variance = (x - mean[:, None]).square().sum(dim=(0, 2)) / m
    y = (x - mean[:, None]) / (variance + 1e-5).sqrt()[:, None]
    return {"output": y * torch.from_numpy(scales)[:, None] + torch.from_numpy(biases)[:, None]}
