"""DarkNet's routines in PyTorch tensor operations, one function per operation.

A = (batch, channels, spatial), c = (channels,), v = a vector; arguments are left alone, new tensors returned.
Source lines: pjreddie/darknet@f6afaabc.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from darkparity.dialects import Dialect, Epsilon

if TYPE_CHECKING:
    from torch import Tensor


def rows(values: Tensor) -> Tensor:
    """A -> (channels, m): every channel one row, as all statistics want it."""
    return values.transpose(0, 1).flatten(1)


def like(statistic: Tensor, values: Tensor) -> Tensor:
    """c -> A, by repetition."""
    return statistic.view(1, -1, 1).expand_as(values)


def std(variance: Tensor, epsilon: Epsilon) -> Tensor:
    """c -> c: sqrt(variance + epsilon) or sqrt(variance) + epsilon."""
    if epsilon.inside:
        return variance.add(epsilon.value).sqrt()
    return variance.sqrt().add(epsilon.value)


def over(values: Tensor, count: int) -> Tensor:
    """values / count, by a tensor on the same device: CUDA multiplies by the reciprocal of a plain number."""
    return values.div(values.new_tensor(count))


def _scattered(N: int, INC: int) -> slice:
    return slice(None, (N - 1) * INC + 1, INC)


def copy_cpu(N: int, X: Tensor, INCX: int, Y: Tensor, INCY: int) -> Tensor:
    """Y[i*INCY] = X[i*INCX]; the rest of Y stays. Source: src/blas.c:226-230."""
    result = Y.clone()
    result[_scattered(N, INCY)] = X[_scattered(N, INCX)]
    return result


def scal_cpu(N: int, ALPHA: float, X: Tensor, INCX: int) -> Tensor:
    """X[i*INCX] *= ALPHA. Source: src/blas.c:207-211."""
    result = X.clone()
    result[_scattered(N, INCX)] = X[_scattered(N, INCX)] * X.new_tensor(ALPHA)
    return result


def axpy_cpu(N: int, ALPHA: float, X: Tensor, INCX: int, Y: Tensor, INCY: int) -> Tensor:
    """Y[i*INCY] += ALPHA * X[i*INCX]. Source: src/blas.c:201-205."""
    result = Y.clone()
    result[_scattered(N, INCY)] += X[_scattered(N, INCX)] * X.new_tensor(ALPHA)
    return result


def mean_cpu(x: Tensor) -> Tensor:
    """A -> c: sum(x) / m. Source: src/blas.c:94-108."""
    flat = rows(x)
    return over(flat.sum(1), flat.shape[1])


def variance_cpu(x: Tensor, mean: Tensor, dialect: Dialect) -> Tensor:
    """A, c -> c: sum((x - mean)^2) / (m - 1). Source: src/blas.c:110-124."""
    return centred_square(x, mean, dialect, dialect.variance_ddof)


def centred_square(x: Tensor, mean: Tensor, dialect: Dialect, ddof: int) -> Tensor:
    """A, c -> c: sum((x - mean)^2) / (m - ddof)."""
    flat = rows(x)
    # m = 1 divides by zero, as DarkNet does: NaN, for ever.
    return over((flat - mean.unsqueeze(1)).square().sum(1), dialect.divisor(flat.shape[1], ddof))


def normalize_cpu(x: Tensor, mean: Tensor, variance: Tensor, dialect: Dialect) -> Tensor:
    """A, c, c -> A: (x - mean) / (sqrt(variance) + 1e-6). Source: src/blas.c:147-158."""
    return x.sub(like(mean, x)).div(like(std(variance, dialect.normalize), x))


def scale_bias(output: Tensor, scales: Tensor) -> Tensor:
    """A, c -> A: output * scales. Source: src/convolutional_layer.c:437-447."""
    return output.mul(like(scales, output))


def add_bias(output: Tensor, biases: Tensor) -> Tensor:
    """A, c -> A: output + biases. Source: src/convolutional_layer.c:425-435."""
    return output.add(like(biases, output))


def backward_bias(bias_updates: Tensor, delta: Tensor) -> Tensor:
    """c, A -> c: accumulates over calls. Source: src/convolutional_layer.c:449-457."""
    return bias_updates.add(rows(delta).sum(1))


def backward_scale_cpu(x_norm: Tensor, delta: Tensor, scale_updates: Tensor) -> Tensor:
    """A, A, c -> c: accumulates over calls. Source: src/batchnorm_layer.c:73-86."""
    return scale_updates.add(rows(delta.mul(x_norm)).sum(1))


def mean_delta_cpu(delta: Tensor, variance: Tensor, dialect: Dialect) -> Tensor:
    """A, c -> c: -sum(delta) / sqrt(variance + 1e-5). Source: src/batchnorm_layer.c:88-101."""
    return rows(delta).sum(1).neg().div(std(variance, dialect.mean_delta))


def variance_delta_cpu(x: Tensor, delta: Tensor, mean: Tensor, variance: Tensor, dialect: Dialect) -> Tensor:
    """A, A, c, c -> c: -0.5 sum(delta (x - mean)) (variance + 1e-5)^(-3/2). src/batchnorm_layer.c:102-116."""
    root = std(variance, dialect.variance_delta)
    covered = rows(delta.mul(x.sub(like(mean, x)))).sum(1)
    # One division at a time: std^3 leaves float32's range where the quotient does not.
    return covered.mul(-0.5).div(root).div(root).div(root)


def normalize_delta_cpu(x: Tensor, mean: Tensor, variance: Tensor, mean_delta: Tensor, variance_delta: Tensor,
                        delta: Tensor, dialect: Dialect) -> Tensor:  # fmt: skip
    """A and c -> A; divides by m although the variance divided by m - 1. src/batchnorm_layer.c:117-128."""
    m = rows(x).shape[1]
    centred = x.sub(like(mean, x))
    spread = over(like(variance_delta.mul(2), x).mul(centred), m)
    direct = delta.div(like(std(variance, dialect.normalize_delta), x))
    return direct.add(spread).add(like(over(mean_delta, m), x))
