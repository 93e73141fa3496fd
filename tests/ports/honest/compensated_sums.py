"""Kahan's compensated summation over the pixels, images one after the other."""

import numpy as np

STYLE = "Kahan's compensated summation over the pixels, images one after the other."
OTHER = "alexeyab-gpu"
DARKPARITY = dict(name="compensated-sums", dialect="darknet")

f = np.float32


def kahan(values):
    total = np.zeros(values.shape[1], f)
    lost = np.zeros_like(total)
    for image in values:
        for start in range(0, image.shape[1], 64):
            term = image[:, start : start + 64].sum(1, dtype=f) - lost
            new = total + term
            lost = np.where(np.isfinite(new), (new - total) - term, f(0))
            total = new
    return total


def mean_cpu(x):
    return kahan(x) / f(x.shape[0] * x.shape[2])


def variance_cpu(x, mean):
    return kahan((x - mean[:, None]) ** 2) / f(x.shape[0] * x.shape[2] - 1)


def mean_delta_cpu(delta, variance):
    return kahan(-delta) / np.sqrt(variance + f(1e-5))


def variance_delta_cpu(x, delta, mean, variance):
    root = np.sqrt(variance + f(1e-5))
    return kahan(delta * (mean[:, None] - x)) * f(0.5) / root / root / root
