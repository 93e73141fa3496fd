"""in evaluation mode the gradient of the weight still uses x_hat of the saved batch statistics."""

import numpy as np

CAUSE = "in evaluation mode the gradient of the weight still uses x_hat of the saved batch statistics."
RIGHT = (
    r"batch statistics",
    r"batch's",
    r"last (training )?(batch|forward)",
    r"saved",
)
SET = "tuning"
DIALECT = "pytorch"
DARKPARITY = dict(name="eval-scale-gradient-with-batch-statistics", dialect="pytorch")

EPS, MOMENTUM = 1e-5, 0.1


def as_double(*arrays):
    return [np.asarray(a, np.float64) for a in arrays]


def as_single(**arrays):
    return {name: a.astype(np.float32) for name, a in arrays.items()}


def forward_batchnorm_layer(type, train, input, output, scales, biases, rolling_mean, rolling_variance):
    source = input if type == "BATCHNORM" else output
    x, weight, bias, running_mean, running_var = as_double(source, scales, biases, rolling_mean, rolling_variance)
    got = dict(x=source)
    mean, var = running_mean, running_var
    if train:
        n = x.shape[0] * x.shape[2]
        mean = x.mean((0, 2))
        var = x.var((0, 2))
        unbiased = ((x - mean[:, None]) ** 2).sum((0, 2)) / np.float64(n - 1)
        got |= dict(
            mean=mean,
            variance=var,
            rolling_mean=(1 - MOMENTUM) * running_mean + MOMENTUM * mean,
            rolling_variance=(1 - MOMENTUM) * running_var + MOMENTUM * unbiased,
        )
    invstd = 1 / np.sqrt(var + EPS)
    y = (x - mean[:, None]) * invstd[:, None] * weight[:, None] + bias[:, None]
    return as_single(output=y, **got)


def backward_batchnorm_layer(
    type, train, delta, x, scales, mean, variance, rolling_mean, rolling_variance, bias_updates, scale_updates
):
    save_mean, save_var = (mean, variance) if train else (rolling_mean, rolling_variance)
    grad_out, x, weight, save_mean, save_var = as_double(delta, x, scales, save_mean, save_var)
    n = x.shape[0] * x.shape[2]
    invstd = 1 / np.sqrt(save_var + EPS)
    centred = x - save_mean[:, None]
    total = grad_out.sum((0, 2))
    dotp = (grad_out * centred).sum((0, 2))
    if train:
        k = (dotp * invstd * invstd / n)[:, None] * centred
        grad_in = (grad_out - (total / n)[:, None] - k) * (invstd * weight)[:, None]
    else:
        grad_in = grad_out * (invstd * weight)[:, None]
    hat = (x - mean[:, None]) / np.sqrt(variance[:, None] + EPS)
    scale_updates = scale_updates + (grad_out * hat).sum((0, 2))
    got = as_single(delta=grad_in, scale_updates=scale_updates, bias_updates=bias_updates + total)
    return got | dict(net_delta=got["delta"]) if type == "BATCHNORM" else got
