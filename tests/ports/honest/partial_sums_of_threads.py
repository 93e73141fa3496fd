"""Four workers take a share of the batch's pixels each, the last one also the remainder; their sums are added up."""

import numpy as np

STYLE = (
    "Four workers take a share of the batch's pixels each, the last one also the remainder; their sums are added up."
)
OTHER = "alexeyab"
DARKPARITY = dict(name="partial-sums-of-threads", dialect="darknet")

f = np.float32
WORKERS = 4


def shared(values):
    rows = values.transpose(1, 0, 2).reshape(values.shape[1], -1)
    share = rows.shape[1] // WORKERS
    total = np.zeros(len(rows), f)
    for worker in range(WORKERS):
        end = rows.shape[1] if worker == WORKERS - 1 else (worker + 1) * share
        total += rows[:, worker * share : end].sum(1, dtype=f)
    return total


def backward_batchnorm_layer(
    type, train, delta, x, x_norm, scales, mean, variance, rolling_mean, rolling_variance, bias_updates, scale_updates
):
    mu, var = (mean, variance) if train else (rolling_mean, rolling_variance)
    bias_updates += shared(delta)
    scale_updates += shared(delta * x_norm)
    delta *= scales[:, None]
    root = np.sqrt(var + f(1e-5))
    centred = x - mu[:, None]
    mean_delta = -shared(delta) / root
    variance_delta = f(-0.5) * shared(delta * centred) / root / root / root
    m = f(x.shape[0] * x.shape[2])
    delta /= root[:, None]
    delta += (f(2) * variance_delta / m)[:, None] * centred
    delta += (mean_delta / m)[:, None]
    got = dict(
        delta=delta,
        bias_updates=bias_updates,
        scale_updates=scale_updates,
        mean_delta=mean_delta,
        variance_delta=variance_delta,
    )
    return got | dict(net_delta=delta.copy()) if type == "BATCHNORM" else got
