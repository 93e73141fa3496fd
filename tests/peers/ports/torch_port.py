"""torch.nn.functional.batch_norm with PyTorch's defaults, and its autograd."""

import torch
from torch.nn.functional import batch_norm

DARKPARITY = dict(name="ten-lines-torch", dialect="pytorch")


def forward_batchnorm_layer(type, train, input, output, scales, biases, rolling_mean, rolling_variance):
    x = torch.tensor(input if type == "BATCHNORM" else output)
    mean, variance = torch.tensor(rolling_mean), torch.tensor(rolling_variance)
    y = batch_norm(x, mean, variance, torch.tensor(scales), torch.tensor(biases), train)
    return dict(output=y.numpy(), rolling_mean=mean.numpy(), rolling_variance=variance.numpy())
