"""flax.linen.BatchNorm with Flax's defaults."""

import numpy as np
from flax.linen import BatchNorm

DARKPARITY = dict(name="ten-lines-flax", dialect="flax")


def forward_batchnorm_layer(type, train, input, output, scales, biases, rolling_mean, rolling_variance):
    x = input if type == "BATCHNORM" else output
    state = dict(params=dict(scale=scales, bias=biases), batch_stats=dict(mean=rolling_mean, var=rolling_variance))
    y, changed = BatchNorm(use_running_average=not train, axis=1).apply(state, x, mutable=["batch_stats"])
    mean, variance = (np.array(changed["batch_stats"][name]) for name in ("mean", "var"))
    return dict(output=np.array(y), rolling_mean=mean, rolling_variance=variance)
