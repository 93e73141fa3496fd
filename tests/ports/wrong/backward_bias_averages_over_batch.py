"""backward_bias divides the sum of delta by the batch size, as a loss that is a mean would."""

import torch

CAUSE = "backward_bias divides the sum of delta by the batch size, as a loss that is a mean would."
RIGHT = (
    r"/ ?batch",
    r"by the batch",
    r"averag",
    r"mean.*images",
)
SET = "heldout"
DARKPARITY = dict(name="backward-bias-averages-over-batch", dialect="darknet")


def backward_bias(bias_updates, delta):
    per_image = torch.from_numpy(delta).sum(2)
    return torch.from_numpy(bias_updates) + per_image.mean(0)


def add_bias(output, biases):
    return torch.from_numpy(output) + torch.from_numpy(biases).view(1, -1, 1)
