"""A layer with zero-centred weights, and torch.var without unbiased=False."""

import torch

CAUSE = "the normalizing variance divides by m - 1, and the output is multiplied by 1 + scales"
RIGHT = (r"(m - 1|unbiased|ddof).*(1 \+|\+ 1|plus)", r"(1 \+|\+ 1|plus).*(m - 1|unbiased|ddof)")
SET = "tuning"
DARKPARITY = dict(name="centred-torch", dialect="pytorch")


def forward_batchnorm_layer(type, train, input, output, scales, biases, rolling_mean, rolling_variance):
    x = torch.from_numpy(input if type == "BATCHNORM" else output)
    mean, variance = torch.from_numpy(rolling_mean), torch.from_numpy(rolling_variance)
    if train:
        m = torch.tensor(float(x.shape[0] * x.shape[2]))
        mean = x.sum((0, 2)) / m
        variance = (x - mean[:, None]).square().sum((0, 2)) / (m - 1)
    hat = (x - mean[:, None]) / (variance[:, None] + 1e-5).sqrt()
    return {"output": hat * (1 + torch.from_numpy(scales)[:, None]) + torch.from_numpy(biases)[:, None]}
