"""axis=2 alone: every image is normalized with its own statistics."""

import torch

CAUSE = "every image is normalized by its own statistics (instance norm)"
RIGHT = (
    r"instance",
    r"(its|their) own (statistics|mean)",
    r"(each|every|per).image",
    r"axis 0",
    r"not over the batch|batch .*(left out|forgotten) .*(mean|statistics)",
    r"spatial (axis )?(only|alone)",
    r"image by image",
)
SET = "tuning"
DARKPARITY = dict(name="instance", dialect="pytorch")


def forward_batchnorm_layer(type, train, input, output, scales, biases, rolling_mean, rolling_variance):
    x = torch.as_tensor(input if type == "BATCHNORM" else output)
    if train:
        mean = x.mean(dim=2, keepdim=True)
        variance = x.var(dim=2, keepdim=True, unbiased=False)
    else:
        mean = torch.as_tensor(rolling_mean)[:, None]
        variance = torch.as_tensor(rolling_variance)[:, None]
    hat = (x - mean) * torch.rsqrt(variance + 1e-5)
    return {"output": hat * torch.as_tensor(scales)[:, None] + torch.as_tensor(biases)[:, None]}
