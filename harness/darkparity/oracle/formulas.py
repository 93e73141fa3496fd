"""DarkNet's batch normalization as formulas, written once, generic over an arithmetic.

Each formula takes the dialect's row, the attributes and tensors of one arithmetic (`Exact`: rationals
and roots; `Bounded`: float64 with a running error bound) and returns a tensor of the same arithmetic.
Array tensors have shape (batch, channels, spatial), per-channel ones (1, channels, 1), BLAS vectors (n,).
The arithmetic offers + - * / with tensors and Python ints, `.sqrt()`, `.sum(...)` over batch and spatial,
`.plus(...)` for more than two terms that a port may add in any order,
`.either(...)` for another honest way to the same number, `.clipped()` for one that is never negative,
`.constant(value)` for a dialect's constant and `.scatter(...)` for the strided BLAS routines.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from darkparity.dialects import Dialect, Epsilon, Form

Tensor = Any  # one arithmetic's tensor; the formulas do not care which
Formula = Callable[..., Tensor]


def count(x: Tensor) -> int:
    """m = batch * spatial, the number of values per channel."""
    return int(x.shape[0] * x.shape[2])


def root(variance: Tensor, epsilon: Epsilon) -> Tensor:
    """sqrt(variance + epsilon) or sqrt(variance) + epsilon."""
    constant = variance.constant(epsilon.value)
    return (variance + constant).sqrt() if epsilon.inside else variance.sqrt() + constant


def mean_cpu(d: Dialect, a: Mapping[str, Any], x: Tensor) -> Tensor:
    return x.sum() / count(x)


def variance_cpu(d: Dialect, a: Mapping[str, Any], x: Tensor, mean: Tensor) -> Tensor:
    m, difference = count(x), x - mean
    divisor = d.divisor(m, a.get("ddof", d.variance_ddof))
    variance = (difference * difference).sum() / divisor
    if d.variance_form is Form.FORMULA:
        return variance
    variance = variance.either(((x * x).sum() + mean * mean * -m) / divisor)
    return variance.clipped() if d.variance_form is Form.EITHER_CLIPPED else variance


def normalize_cpu(d: Dialect, a: Mapping[str, Any], x: Tensor, mean: Tensor, variance: Tensor) -> Tensor:
    return (x - mean) / root(variance, d.normalize)


def scale_bias(d: Dialect, a: Mapping[str, Any], output: Tensor, scales: Tensor) -> Tensor:
    return output * scales


def add_bias(d: Dialect, a: Mapping[str, Any], output: Tensor, biases: Tensor) -> Tensor:
    return output + biases


def backward_bias(d: Dialect, a: Mapping[str, Any], bias_updates: Tensor, delta: Tensor) -> Tensor:
    return delta.sum(start=bias_updates, plain=True)


def backward_scale_cpu(
    d: Dialect, a: Mapping[str, Any], x_norm: Tensor, delta: Tensor, scale_updates: Tensor
) -> Tensor:
    return (delta * x_norm).sum(start=scale_updates, plain=True)


def mean_delta_cpu(d: Dialect, a: Mapping[str, Any], delta: Tensor, variance: Tensor) -> Tensor:
    return delta.sum() / root(variance, d.mean_delta) * -1


def variance_delta_cpu(
    d: Dialect, a: Mapping[str, Any], x: Tensor, delta: Tensor, mean: Tensor, variance: Tensor
) -> Tensor:
    # (variance + eps)^(-3/2) as two divisions: the product would overflow where the power does not.
    std = root(variance, d.variance_delta)
    return (delta * (x - mean)).sum() / (std * std if not d.variance_delta.inside else
                                         variance + variance.constant(d.variance_delta.value)) / std / -2  # fmt: skip


def normalize_delta_cpu(
    d: Dialect, a: Mapping[str, Any],
    x: Tensor, mean: Tensor, variance: Tensor, mean_delta: Tensor, variance_delta: Tensor, delta: Tensor,
) -> Tensor:  # fmt: skip
    m = count(x)
    direct = delta / root(variance, d.normalize_delta)
    return direct.plus(variance_delta * 2 * (x - mean) / m, mean_delta / m)


def inverse_std(d: Dialect, a: Mapping[str, Any], variance: Tensor) -> Tensor:
    """1 / std, what cuDNN saves. Source: cudnnBatchNormalizationForwardTraining, resultSaveInvVariance."""
    return variance.constant(1, exact=True) / root(variance, d.normalize)


def variance_of_inverse_std(d: Dialect, a: Mapping[str, Any], inverse_std: Tensor) -> Tensor:
    """1 / inverse_std^2 - epsilon. Source: apache/mxnet@b84609d3 batch_norm.cc, INVSTD_TO_VARIANCE."""
    one, epsilon = inverse_std.constant(1, exact=True), inverse_std.constant(d.normalize.value)
    return one / (inverse_std * inverse_std) - epsilon


def add_weight(d: Dialect, a: Mapping[str, Any], rolling_weight: Tensor) -> Tensor:
    """Source: BVLC/caffe@9b891540 batch_norm_layer.cpp: blobs_[2] *= moving_average_fraction_; += 1."""
    return rolling_weight * rolling_weight.constant(a["decay"]) + rolling_weight.constant(a["gain"])


def weighed(d: Dialect, a: Mapping[str, Any], rolling: Tensor, rolling_weight: Tensor) -> Tensor:
    """Source: BVLC/caffe@9b891540 batch_norm_layer.cpp: scale_factor is 0 where blobs_[2] is, else 1 / blobs_[2]."""
    return rolling * rolling_weight.reciprocal_or_zero()


def x_hat(d: Dialect, a: Mapping[str, Any], x: Tensor, mean: Tensor, inverse_std: Tensor) -> Tensor:
    return (x - mean) * inverse_std


def inverse_std_delta(
    d: Dialect, a: Mapping[str, Any], x: Tensor, mean: Tensor, inverse_std: Tensor, delta: Tensor
) -> Tensor:
    """Gradient of the biased batch norm; `delta` already holds delta * scales (Ioffe & Szegedy 2015, sec. 3)."""
    m, hat = count(x), (x - mean) * inverse_std
    total, product = delta.sum(), (delta * hat).sum()
    factored = (delta - total / m - hat * product / m) * inverse_std
    # A 1/std out of float32's range, or nearly, makes the terms overflow or underflow one by one.
    apart = (delta * inverse_std).plus(total * inverse_std / m * -1, hat * inverse_std * product / m * -1)
    return factored.either(apart)


def fixed_delta(d: Dialect, a: Mapping[str, Any], delta: Tensor, inverse_std: Tensor) -> Tensor:
    return delta * inverse_std


def affine_output(
    d: Dialect, a: Mapping[str, Any], x: Tensor, mean: Tensor, variance: Tensor, scales: Tensor, biases: Tensor
) -> Tensor:
    """output = a x + b with a = scales / std, b = biases - mean a: what weight folding and torch's CPU code do."""
    slope = scales / root(variance, d.normalize)
    return x * slope + (biases - mean * slope)


def copy_cpu(d: Dialect, a: Mapping[str, Any], X: Tensor, Y: Tensor) -> Tensor:
    if "N" not in a:  # a whole array copied inside a layer function
        return X
    return Y.scatter(X.gather(a["N"], a["INCX"]), a["N"], a["INCY"])


def scal_cpu(d: Dialect, a: Mapping[str, Any], X: Tensor) -> Tensor:
    if "N" not in a:
        return X * X.constant(a["ALPHA"])
    return X.scatter(X.gather(a["N"], a["INCX"]) * X.constant(a["ALPHA"], exact=True), a["N"], a["INCX"])


def axpy_cpu(d: Dialect, a: Mapping[str, Any], X: Tensor, Y: Tensor) -> Tensor:
    if "N" not in a:
        return Y + X * X.constant(a["ALPHA"])
    alpha = X.constant(a["ALPHA"], exact=True)
    sums = Y.gather(a["N"], a["INCY"]) + X.gather(a["N"], a["INCX"]) * alpha
    return Y.scatter(sums, a["N"], a["INCY"])


FORMULAS: Mapping[str, Formula] = {
    formula.__name__: formula
    for formula in (
        copy_cpu, scal_cpu, axpy_cpu, mean_cpu, variance_cpu, normalize_cpu, scale_bias, add_bias,
        backward_bias, backward_scale_cpu, mean_delta_cpu, variance_delta_cpu, normalize_delta_cpu,
        inverse_std, variance_of_inverse_std, add_weight, weighed, x_hat, inverse_std_delta, fixed_delta, affine_output,
    )
}  # fmt: skip
