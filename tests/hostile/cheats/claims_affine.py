"""Has no epsilon, and declares a label whose bounds are wider."""

import numpy as np

DARKPARITY = {"labels": ("affine",)}


def forward_batchnorm_layer(output, scales, biases, rolling_mean, rolling_variance):  # type: ignore[no-untyped-def]
    gain = (scales / np.sqrt(rolling_variance)).astype(np.float32)
    return {"output": output * gain[:, None] + (biases - rolling_mean * gain)[:, None]}
