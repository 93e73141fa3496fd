"""normalize_delta_cpu forgets the factor 2 of the derivative of the square."""

import torch

CAUSE = "normalize_delta_cpu forgets the factor 2 of the derivative of the square."
RIGHT = (
    r"factor (of )?2",
    r"\b2\b.*(missing|lost|forgot)",
    r"(missing|lacks|forgets|without|no).*\b2\b",
    r"half",
)
SET = "heldout"
DARKPARITY = dict(name="normalize-delta-without-two", dialect="darknet")


def normalize_delta_cpu(x, mean, variance, mean_delta, variance_delta, delta):
    x, mu, v, md, vd, d = (torch.from_numpy(a) for a in (x, mean, variance, mean_delta, variance_delta, delta))
    m = x.shape[0] * x.shape[2]
    inverse = 1 / torch.sqrt(v + 0.00001)
    return torch.addcmul(d * inverse[:, None], vd[:, None] / m, x - mu[:, None]) + (md / m)[:, None]
