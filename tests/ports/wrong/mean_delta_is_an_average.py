"""mean_delta_cpu takes the mean of delta where DarkNet takes the sum; normalize_delta divides by m once more."""

import torch

CAUSE = "mean_delta_cpu takes the mean of delta where DarkNet takes the sum; normalize_delta divides by m once more."
RIGHT = (
    r"divided by m",
    r"averag",
    r"mean of delta",
    r"over m",
    r"1 ?/ ?m",
    r"mean.*instead of.*sum",
    r"divi.*m\b",
)
SET = "heldout"
DARKPARITY = dict(name="mean-delta-is-an-average", dialect="darknet")


def mean_delta_cpu(delta, variance):
    d, v = torch.from_numpy(delta), torch.from_numpy(variance)
    return d.mean(dim=(0, 2)).neg() * torch.rsqrt(v + 1e-5)


def normalize_delta_cpu(x, mean, variance, mean_delta, variance_delta, delta):
    x, mu, v, md, vd, d = (torch.from_numpy(a) for a in (x, mean, variance, mean_delta, variance_delta, delta))
    m = x.shape[0] * x.shape[2]
    return d * torch.rsqrt(v + 1e-5)[:, None] + vd[:, None] * 2 * (x - mu[:, None]) / m + md[:, None] / m
