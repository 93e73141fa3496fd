"""momentum = 0.1, PyTorch's default, in place of DarkNet's .01."""

import torch
import torch.nn.functional as F

CAUSE = "rolling statistics use decay 0.9 and gain 0.1 instead of 0.99 and 0.01"
RIGHT = (
    r"(decay|momentum|gain).{0,30}0?\.[19]\b",
    r"0?\.9\b.{0,20}0?\.1\b",
    r"(decay|gain|momentum) .*rolling.*0?\.[19]\b",
)
SET = "tuning"
DARKPARITY = dict(name="functional", dialect="pytorch")


def forward_batchnorm_layer(type, train, input, output, scales, biases, rolling_mean, rolling_variance):
    x = torch.from_numpy(input if type == "BATCHNORM" else output)
    if train and x.shape[0] * x.shape[2] == 1:
        nan = torch.full_like(x, float("nan"))
        return dict(output=nan)
    mean, variance = torch.from_numpy(rolling_mean), torch.from_numpy(rolling_variance)
    y = F.batch_norm(
        x.double(),
        mean.double(),
        variance.double(),
        torch.from_numpy(scales).double(),
        torch.from_numpy(biases).double(),
        train,
        0.1,
        1e-5,
    )
    if train:
        m = x.shape[0] * x.shape[2]
        mean = 0.9 * mean + 0.1 * x.mean((0, 2))
        variance = 0.9 * variance + 0.1 * x.double().var((0, 2), unbiased=m > 1).float()
    return dict(output=y.float(), rolling_mean=mean, rolling_variance=variance)
