"""Other formulas for the same quantities: running statistics, terms in other orders, folded normalization."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np

from .orders import serial
from .variant import ONE, TWO, Array, Functions, changed, fresh, quiet, rows, single

Moments = tuple[Array, Array]


def _welford(x: Array) -> Moments:
    """Running mean and sum of squares, element by element."""
    mean, squares = np.zeros((2, x.shape[1]), np.float32)
    for k, value in enumerate(rows(x).T, 1):
        away = value - mean
        mean = mean + away / np.float32(k)
        squares = squares + away * (value - mean)
    return mean, squares


def _chan(x: Array) -> Moments:
    """Moments of blocks of 8, merged two at a time."""
    flat = rows(x)
    parts = [_block(flat[:, at : at + 8]) for at in range(0, flat.shape[1], 8)]
    while len(parts) > 1:
        pairs = [_merged(*parts[at : at + 2]) for at in range(0, len(parts) - 1, 2)]
        parts = pairs + parts[len(pairs) * 2 :]
    return parts[0][1], parts[0][2]


def _block(values: Array) -> tuple[int, Array, Array]:
    mean = serial(values) / np.float32(values.shape[1])
    away = values - mean[:, None]
    return values.shape[1], mean, serial(away * away)


def _merged(left: tuple[int, Array, Array], right: tuple[int, Array, Array]) -> tuple[int, Array, Array]:
    """Chan, Golub, LeVeque 1979."""
    (n, a, p), (k, b, q) = left, right
    away = b - a
    mean = a + away * np.float32(k / (n + k))
    return n + k, mean, p + q + away * away * np.float32(n * k / (n + k))


def _one_pass(x: Array) -> Moments:
    """Sums of x and of its squares in float64, subtracted there."""
    flat = rows(x).astype(np.float64)
    mean = flat.mean(axis=1)
    return single(mean), single(np.maximum((flat * flat).sum(axis=1) - mean * flat.sum(axis=1), 0.0))


def _with_moments(moments: Any, module: ModuleType) -> Functions:
    """Mean and variance of the forward by `moments`; the routine variance_cpu is given a mean and stays."""

    def mean_cpu(x: Array, dialect: Any) -> Array:
        return np.asarray(moments(x)[0])

    def _variance(x: Array, mean: Array, divisor: np.float32) -> Array:
        return np.asarray(moments(x)[1] / divisor)

    vars(module).update(mean_cpu=quiet(mean_cpu), _variance=quiet(_variance))
    return {"variance_cpu": fresh().variance_cpu}


def _terms(module: ModuleType) -> tuple[Any, Any]:
    return module._each, module._count


def _factored(module: ModuleType) -> None:
    each, count = _terms(module)

    def normalize_delta_cpu(x: Array, mean: Array, variance: Array, mean_delta: Array, variance_delta: Array,
                            delta: Array, dialect: Any) -> Array:  # fmt: skip
        scale = ONE / module._root(variance, dialect.normalize_delta)
        rest = (x - each(mean)) * each(variance_delta * (TWO / count(x))) + each(mean_delta / count(x))
        return np.asarray(delta * each(scale) + rest)

    module.normalize_delta_cpu = quiet(normalize_delta_cpu)  # type: ignore[attr-defined]


def _common_divisor(module: ModuleType) -> None:
    each, count = _terms(module)

    def normalize_delta_cpu(x: Array, mean: Array, variance: Array, mean_delta: Array, variance_delta: Array,
                            delta: Array, dialect: Any) -> Array:  # fmt: skip
        rest = (x - each(mean)) * each(variance_delta * TWO) + each(mean_delta)
        return np.asarray(rest / count(x) + delta / each(module._root(variance, dialect.normalize_delta)))

    module.normalize_delta_cpu = quiet(normalize_delta_cpu)  # type: ignore[attr-defined]


def _shift_first(module: ModuleType) -> None:
    each, count = _terms(module)

    def normalize_delta_cpu(x: Array, mean: Array, variance: Array, mean_delta: Array, variance_delta: Array,
                            delta: Array, dialect: Any) -> Array:  # fmt: skip
        direct = delta / each(module._root(variance, dialect.normalize_delta))
        spread = each(variance_delta) * TWO * (x - each(mean)) / count(x)
        return np.asarray((each(mean_delta / count(x)) + direct) + spread)

    module.normalize_delta_cpu = quiet(normalize_delta_cpu)  # type: ignore[attr-defined]


def _power_of_root(module: ModuleType) -> None:
    def variance_delta_cpu(x: Array, delta: Array, mean: Array, variance: Array, dialect: Any) -> Array:
        root = module._root(variance, dialect.variance_delta)
        total = module._sum(delta * (x - module._each(mean)))
        return single(np.float64(total) * (-0.5 * np.float64(root) ** -3.0))

    module.variance_delta_cpu = quiet(variance_delta_cpu)  # type: ignore[attr-defined]


def _folded(module: ModuleType) -> None:
    """Inference as y = a x + b with a, b per channel."""
    forward, each = module.forward_batchnorm_layer, module._each

    def forward_batchnorm_layer(type: str, train: bool, input: Array, output: Array, x: Array, x_norm: Array,
                                scales: Array, biases: Array, mean: Array, variance: Array, rolling_mean: Array,
                                rolling_variance: Array, dialect: Any) -> Any:  # fmt: skip
        values = input if type == "BATCHNORM" else output
        layer = forward(type, train, input, output, x, x_norm, scales, biases, mean, variance, rolling_mean,
                        rolling_variance, dialect)  # fmt: skip
        if not train:
            a = scales / module._root(rolling_variance, dialect.normalize)
            layer["output"] = values * each(a) + each(biases - rolling_mean * a)
        return layer

    module.forward_batchnorm_layer = quiet(forward_batchnorm_layer)  # type: ignore[attr-defined]


ALGEBRA = (
    changed("welford", "running mean and variance, element by element", (), lambda m: _with_moments(_welford, m)),
    changed("chan", "mean and variance of blocks, merged pairwise", (), lambda m: _with_moments(_chan, m)),
    changed("one_pass_float64", "sums of x and x^2 in float64", (), lambda m: _with_moments(_one_pass, m)),
    changed("factored", "normalize_delta with one factor per channel and term", ("two_pass", "ieee"), _factored),
    changed("common_divisor", "normalize_delta divides once by m", ("two_pass", "ieee"), _common_divisor),
    changed("shift_first", "normalize_delta adds its shift before its spread", ("two_pass", "ieee"), _shift_first),
    changed(
        "power_of_root", "variance_delta's power in double, as DarkNet's pow()", ("two_pass", "ieee"), _power_of_root
    ),
    changed("folded", "inference folded into a x + b", ("two_pass", "affine"), _folded),
)
