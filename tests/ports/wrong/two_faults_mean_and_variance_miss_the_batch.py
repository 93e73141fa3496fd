"""Both sums run over the images, both divisors count one image."""

import numpy as np

CAUSE = "mean is divided by spatial and variance by spatial - 1: the batch is forgotten in both divisors"
RIGHT = (
    r"batch .*(forgotten|missing|left out|omitted|ignored)",
    r"(forgets|without|lacks|omits|ignores) .*batch",
    r"divi\w+ by (the )?spatial",
    r"spatial - 1",
    r"divisor.*(spatial|one image|batch)",
)
SET = "tuning"
DARKPARITY = dict(name="batch-one", dialect="darknet")
f = np.float32


def mean_cpu(x, batch, filters, spatial):
    scale = f(1.0 / spatial)
    out = np.zeros(filters, f)
    for b in range(batch):
        out += x[b].sum(axis=1, dtype=f)
    return out * scale


def variance_cpu(x, mean, batch, filters, spatial):
    out = np.zeros(filters, f)
    for b in range(batch):
        out += ((x[b] - mean[:, None]) ** 2).sum(axis=1, dtype=f)
    return out / f(spatial - 1)


def normalize_cpu(x, mean, variance):
    return (x - mean[:, None]) / (np.sqrt(variance) + f(1e-6))[:, None]
