"""momentum = 0.1, the default of the framework that computes it, in place of .01."""

import torch
import torch.nn.functional as F

CAUSE = "rolling statistics use decay 0.9 and gain 0.1 instead of 0.99 and 0.01"
RIGHT = (
    r"\b(onnx|paddle)\b",
    r"(decay|momentum|gain).{0,30}0?\.[19]\b",
    r"0?\.9\b.{0,20}0?\.1\b",
    r"(decay|gain|momentum) .*rolling.*0?\.[19]\b",
)
SET = "tuning"
DARKPARITY = dict(name="functional", dialect="flax")


def forward_batchnorm_layer(type, train, input, output, scales, biases, rolling_mean, rolling_variance):
    x = torch.from_numpy(input if type == "BATCHNORM" else output).double()
    mean, variance = torch.from_numpy(rolling_mean).double(), torch.from_numpy(rolling_variance).double()
    weight, bias = torch.from_numpy(scales).double(), torch.from_numpy(biases).double()
    if not train:
        return dict(output=F.batch_norm(x, mean, variance, weight, bias, eps=1e-5).float())
    batch_mean, biased = x.mean((0, 2)), x.var((0, 2), unbiased=False)
    y = F.batch_norm(x, batch_mean, biased, weight, bias, eps=1e-5)
    mean, variance = 0.9 * mean + 0.1 * batch_mean, 0.9 * variance + 0.1 * biased
    return dict(output=y.float(), rolling_mean=mean.float(), rolling_variance=variance.float())
