"""torch.nn.functional.batch_norm and its own autograd."""

import torch
from torch.nn.functional import batch_norm

STYLE = "torch.nn.functional.batch_norm and its own autograd."
OTHER = "darknet"
DARKPARITY = dict(name="torch-batch-norm", dialect="pytorch", labels=("affine",))


def tensors(*arrays):
    return [torch.from_numpy(a) for a in arrays]


def forward_batchnorm_layer(type, train, input, output, scales, biases, rolling_mean, rolling_variance):
    x, g, b, rm, rv = tensors(input if type == "BATCHNORM" else output, scales, biases, rolling_mean, rolling_variance)
    if train and x.shape[0] * x.shape[2] == 1:  # torch refuses to train on one value
        return single_value(x, g, b, rm, rv)
    y = batch_norm(x, rm, rv, g, b, train, 0.1, 1e-5)
    got = dict(output=y, x=x.clone(), rolling_mean=rm, rolling_variance=rv)
    return got | dict(mean=x.mean((0, 2)), variance=x.var((0, 2), unbiased=False)) if train else got


def single_value(x, g, b, rm, rv):
    mean, variance = x.mean((0, 2)), x.var((0, 2), unbiased=False)
    y = (x - mean[:, None]) / torch.sqrt(variance + 1e-5)[:, None] * g[:, None] + b[:, None]
    return dict(
        output=y,
        x=x,
        mean=mean,
        variance=variance,
        rolling_mean=0.9 * rm + 0.1 * mean,
        rolling_variance=0.9 * rv + 0.1 * variance * torch.nan,
    )


def backward_batchnorm_layer(
    type, train, delta, x, scales, mean, variance, rolling_mean, rolling_variance, bias_updates, scale_updates
):
    d, x, g, mu, var, rm, rv = tensors(delta, x, scales, mean, variance, rolling_mean, rolling_variance)
    grads = torch.ops.aten.native_batch_norm_backward(
        d, x, g, rm, rv, mu, 1 / torch.sqrt(var + 1e-5), train, 1e-5, [True, True, True]
    )
    updates = dict(scale_updates=scale_updates + grads[1].numpy(), bias_updates=bias_updates + grads[2].numpy())
    got = dict(delta=grads[0], **updates)
    return got | dict(net_delta=grads[0]) if type == "BATCHNORM" else got
