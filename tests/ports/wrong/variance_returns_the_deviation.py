"""The routine is named variance but returns its root; the caller's sqrt then takes the fourth root."""

import numpy as np

CAUSE = "the standard deviation is returned where the variance is expected"
RIGHT = (
    r"standard deviation",
    r"\bstd\b",
    r"(square )?root of (the )?variance",
    r"sqrt\(variance\)(?! \+)",
    r"root .*(twice|already)",
)
SET = "tuning"
f = np.float32


class BatchNorm:
    DARKPARITY = dict(name="class", dialect="darknet")

    def mean_cpu(self, x):
        return x.sum(axis=0).sum(axis=1) / f(x.shape[0] * x.shape[2])

    def variance_cpu(self, x, mean):
        m = x.shape[0] * x.shape[2]
        return np.sqrt(np.square(x - mean[:, None]).sum(axis=0).sum(axis=1) / f(m - 1))

    def normalize_cpu(self, x, mean, variance):
        return (x - mean[:, None]) / (np.sqrt(variance) + f(1e-6))[:, None]


_layer = BatchNorm()
mean_cpu, variance_cpu, normalize_cpu = _layer.mean_cpu, _layer.variance_cpu, _layer.normalize_cpu
