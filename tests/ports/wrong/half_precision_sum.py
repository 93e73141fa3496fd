"""Mixed precision: the sums run in float16, as the tensor they come from."""

import torch

CAUSE = "the mean is accumulated in float16"
RIGHT = (r"float16", r"half.precision", r"\bfp16", r"11 bits", r"half (float|format)", r"\bhalf\b")
SET = "heldout"
DARKPARITY = dict(name="amp", dialect="darknet")


def mean_cpu(x):
    h = torch.from_numpy(x).half()
    return (h.sum(dim=(0, 2)) / (x.shape[0] * x.shape[2])).float()
