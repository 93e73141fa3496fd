"""Batch norm as the frameworks define it: the dialects a port to a framework silently changes to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .dialect import INSIDE, Dialect, Epsilon, Rolling, float32

_1E5 = Epsilon(1e-5, INSIDE)

PYTORCH = Dialect(
    name="pytorch",
    summary="torch.nn.BatchNorm2d defaults: biased normalizing, unbiased rolling variance, gain .1",
    normalize=_1E5,
    mean_delta=_1E5,
    variance_delta=_1E5,
    normalize_delta=_1E5,
    variance_ddof=0,
    rolling_ddof=1,
    rolling=Rolling(0.9, 0.1),
    initial_rolling_variance=1.0,
    backward="inverse_std",
    saves_x_norm=False,
    inference_backward="fixed",
    routines=False,
    sources={
        "*": "pytorch/pytorch@000e0689 aten/src/ATen/native/Normalization.cpp "
        "(InvStd, batch_norm_cpu_update_stats_template, batch_norm_backward_cpu_template)",
        "rolling": "torch.nn.BatchNorm2d: momentum=0.1 is the weight of the new value",
        "initial_rolling_variance": "torch.nn.modules.batchnorm._NormBase.reset_running_stats: running_var 1",
    },
)


def _framework(
    name: str, summary: str, sources: Mapping[str, str], epsilon: Epsilon = _1E5, **fields: Any
) -> Dialect:
    """A batch norm with running statistics and the gradient of its own forward."""
    shared: dict[str, Any] = dict.fromkeys(("mean_delta", "variance_delta", "normalize_delta"), epsilon)
    shared |= dict(variance_ddof=0, rolling_ddof=0, initial_rolling_variance=1.0, backward="inverse_std",
                  saves_x_norm=False, inference_backward="fixed", routines=False)  # fmt: skip
    return Dialect(name=name, summary=summary, sources=sources, normalize=epsilon, **{**shared, **fields})


#: `momentum` is the weight of the old value, its complement is formed in float32.
_COMPLEMENT = Rolling(0.9, 1 - float32(0.9))

KERAS = _framework(
    "keras",
    "Keras 3 BatchNormalization defaults: epsilon 1e-3, biased variance throughout",
    {"*": "keras-team/keras@3422977a keras/src/layers/normalization/batch_normalization.py",
     "backward": "keras-team/keras@3422977a: the backend's automatic differentiation",
     "inference_backward": "keras-team/keras@3422977a: training=False uses moving statistics"},
    Epsilon(1e-3, INSIDE),
)  # fmt: skip

FLAX = _framework(
    "flax",
    "flax.linen and nnx BatchNorm defaults: biased variance, by default as E[x^2] - E[x]^2 in float32",
    {"*": "google/flax@18f8f311 flax/linen/normalization.py, flax/nnx/nn/normalization.py",
     "backward": "google/flax@18f8f311: JAX's automatic differentiation"},
)  # fmt: skip

ONNX = _framework(
    "onnx",
    "ONNX BatchNormalization 15 defaults: population variance, old weight .9; no gradient in the standard",
    {"*": "onnx/onnx@f7546912 onnx/defs/nn/defs.cc (BatchNormalization)",
     "initial_rolling_variance": "onnx/onnx@f7546912: an input of the operator; exporters start with 1",
     "backward": "onnx/onnx@f7546912 defines none; here the gradient of the forward"},
    rolling=_COMPLEMENT,
)  # fmt: skip

PADDLE = _framework(
    "paddle",
    "Paddle's CPU kernel: biased variance, old weight .9; not at m = 1: there Paddle returns x itself",
    {"*": "PaddlePaddle/Paddle@0b3b64e6 paddle/phi/kernels/cpu/batch_norm_kernel.cc",
     "rolling_ddof": "PaddlePaddle/Paddle@0b3b64e6: 0 on the CPU, 1 by cuDNN (PaddlePaddle#68159)"},
    rolling=_COMPLEMENT,
)  # fmt: skip

TENSORFLOW_FUSED = _framework(
    "tensorflow-fused",
    "tf.keras 2 with fused=True: epsilon 1e-3, unbiased moving variance; m = 1 as on its GPU path "
    "(NaN; the CPU kernel clamps m - 1 to 1)",
    {"*": "tensorflow/tensorflow@057091db tensorflow/core/kernels/fused_batch_norm_op.cc",
     "rolling": "tf_keras 2.21 batch_normalization.py: momentum .99 is the weight of the old value",
     "inference_backward": "tensorflow/tensorflow@057091db: FusedBatchNormFreezeGrad"},
    Epsilon(1e-3, INSIDE),
    rolling_ddof=1,
)  # fmt: skip

# Not rows, because no field can say it: Caffe divides sums by a third blob, the sum of their weights;
# MXNet updates the running statistics in backward.
FRAMEWORK_ROWS = (PYTORCH, KERAS, FLAX, ONNX, PADDLE, TENSORFLOW_FUSED)
