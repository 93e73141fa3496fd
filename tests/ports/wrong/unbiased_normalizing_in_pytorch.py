"""torch.var without unbiased=False: the batch is normalized with m - 1."""

import torch

CAUSE = "the normalizing variance divides by m - 1 instead of m"
RIGHT = (r"(by|with|uses|divisor( is|:)?) m - 1", r"unbiased", r"bessel", r"variance_ddof|ddof.{0,10}1")
SET = "tuning"
DARKPARITY = dict(name="torch-var", dialect="pytorch")


def forward_batchnorm_layer(type, train, input, output, scales, biases, mean, variance, rolling_mean, rolling_variance):
    x = torch.from_numpy(input if type == "BATCHNORM" else output)
    mean, variance, r_mean, r_var = map(torch.from_numpy, (mean, variance, rolling_mean, rolling_variance))
    if train:
        m = x.shape[0] * x.shape[2]
        mean = x.mean((0, 2))
        variance = x.var((0, 2)) if m > 1 else torch.full_like(mean, float("nan"))
        r_mean = r_mean.lerp(mean, 0.1)
        r_var = r_var.lerp(variance, 0.1)
    m_, v_ = (mean, variance) if train else (r_mean, r_var)
    y = (x - m_[:, None]) * (v_ + 1e-5).rsqrt()[:, None]
    y = y * torch.from_numpy(scales)[:, None] + torch.from_numpy(biases)[:, None]
    return dict(output=y, mean=mean, variance=variance, rolling_mean=r_mean, rolling_variance=r_var)
