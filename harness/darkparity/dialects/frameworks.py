"""Batch norm as the frameworks define it: the dialects a port to a framework silently changes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .choices import Backward, Form, InferenceBackward, Momentum, RollingUpdatedIn, SavedStatistic
from .constants import INSIDE, Epsilon, Rolling, float32
from .darknet import DARKNET
from .dialect import Dialect

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
    backward=Backward.INVERSE_STD,
    saves_x_norm=False,
    inference_backward=InferenceBackward.FIXED,
    routines=False,
    output_form=Form.EITHER,
    refuses_m_1=True,
    momentum_convention=Momentum.PYTORCH,
    sources={
        "*": "pytorch/pytorch@000e0689 aten/src/ATen/native/Normalization.cpp "
        "(InvStd, batch_norm_cpu_update_stats_template, batch_norm_backward_cpu_template)",
        "rolling": "torch.nn.BatchNorm2d: momentum=0.1 is the weight of the new value",
        "initial_rolling_variance": "torch.nn.modules.batchnorm._NormBase.reset_running_stats: running_var 1",
        "output_form": "pytorch/pytorch@000e0689 aten/src/ATen/native/cpu/batch_norm_kernel.cpp "
        "(batch_norm_cpu_collect_linear_and_constant_terms: alpha x + beta, in training too)",
        "refuses_m_1": "pytorch/pytorch@000e0689 torch/nn/functional.py (_verify_batch_size: ValueError)",
    },
)


def _framework(name: str, summary: str, sources: Mapping[str, str], epsilon: Epsilon = _1E5, **fields: Any) -> Dialect:
    """A batch norm with running statistics and the gradient of its own forward."""
    shared: dict[str, Any] = dict.fromkeys(("mean_delta", "variance_delta", "normalize_delta"), epsilon)
    shared |= dict(variance_ddof=0, rolling_ddof=0, initial_rolling_variance=1.0, backward=Backward.INVERSE_STD,
                  saves_x_norm=False, inference_backward=InferenceBackward.FIXED, routines=False,
                  momentum_convention=Momentum.DARKNET)  # fmt: skip
    return Dialect(name=name, summary=summary, sources=sources, normalize=epsilon, **{**shared, **fields})


#: `momentum` is the weight of the old value, its complement is formed in float32.
_COMPLEMENT = Rolling(0.9, 1 - float32(0.9))

KERAS = _framework(
    "keras",
    "Keras 3 BatchNormalization defaults: epsilon 1e-3, biased variance throughout",
    {"*": "keras-team/keras@3422977a keras/src/layers/normalization/batch_normalization.py",
     "backward": "keras-team/keras@3422977a: the backend's automatic differentiation",
     "inference_backward": "keras-team/keras@3422977a: training=False uses moving statistics",
     "output_form": "keras-team/keras@3422977a keras/src/backend/jax/nn.py (batch_normalization: x * inv + res)",
     "variance_form": "keras-team/keras@3422977a keras/src/backend/torch/nn.py (moments: E[x^2] - E[x]^2 on torch)"},
    Epsilon(1e-3, INSIDE),
    output_form=Form.EITHER,
    variance_form=Form.EITHER,
)  # fmt: skip

FLAX = _framework(
    "flax",
    "flax.linen and nnx BatchNorm defaults: biased variance, by default as E[x^2] - E[x]^2 in float32",
    {"*": "google/flax@18f8f311 flax/linen/normalization.py, flax/nnx/nn/normalization.py",
     "backward": "google/flax@18f8f311: JAX's automatic differentiation",
     "variance_form": "google/flax@18f8f311 flax/linen/normalization.py (use_fast_variance=True, the default; "
                      "jnp.maximum(0.0, ...) since google/flax#1491)"},
    variance_form=Form.EITHER_CLIPPED,
)  # fmt: skip

ONNX = _framework(
    "onnx",
    "ONNX BatchNormalization 15 defaults: population variance, old weight .9; no gradient in the standard",
    {"*": "onnx/onnx@f7546912 onnx/defs/nn/defs.cc (BatchNormalization)",
     "initial_rolling_variance": "onnx/onnx@f7546912: an input of the operator; exporters start with 1",
     "backward": "onnx/onnx@f7546912 defines none; here the gradient of the forward",
     "output_form": "microsoft/onnxruntime@0606f7d6 onnxruntime/core/providers/cpu/nn/batch_norm.h "
                    "(new_scale, new_bias, in training too)"},
    rolling=_COMPLEMENT,
    output_form=Form.EITHER,
)  # fmt: skip

PADDLE = _framework(
    "paddle",
    "Paddle's CPU kernel: biased variance, old weight .9; not at m = 1: there Paddle returns x itself",
    {"*": "PaddlePaddle/Paddle@0b3b64e6 paddle/phi/kernels/cpu/batch_norm_kernel.cc",
     "rolling_ddof": "PaddlePaddle/Paddle@0b3b64e6: 0 on the CPU, 1 by cuDNN (PaddlePaddle#68159)",
     "output_form": "PaddlePaddle/Paddle@0b3b64e6 paddle/phi/kernels/cpu/batch_norm_kernel.cc (new_scale, new_bias)"},
    rolling=_COMPLEMENT,
    output_form=Form.EITHER,
)  # fmt: skip

TENSORFLOW_FUSED = _framework(
    "tensorflow-fused",
    "tf.keras 2 with fused=True, CPU kernel: epsilon 1e-3, unbiased moving variance, m - 1 at least 1",
    {"*": "tensorflow/tensorflow@057091db tensorflow/core/kernels/fused_batch_norm_op.cc",
     "rolling": "tf_keras 2.21 batch_normalization.py: momentum .99 is the weight of the old value",
     "inference_backward": "tensorflow/tensorflow@057091db: FusedBatchNormFreezeGrad"},
    Epsilon(1e-3, INSIDE),
    rolling_ddof=1,
    least_divisor=1,
)  # fmt: skip

CAFFE = _framework(
    "caffe",
    "BVLC Caffe's BatchNorm and Scale layers: sums that decay by .999, divided by the sum of their weights",
    {"*": "BVLC/caffe@9b891540 src/caffe/layers/batch_norm_layer.cpp (Forward_cpu, Backward_cpu)",
     "rolling": "BVLC/caffe@9b891540 src/caffe/proto/caffe.proto: moving_average_fraction .999; the new value "
                "counts 1",
     "rolling_weight": "BVLC/caffe@9b891540: blobs_[2], one number for all channels",
     "least_divisor": "BVLC/caffe@9b891540: bias_correction_factor is 1 where m = 1",
     "bias_gradient": "BVLC/caffe@9b891540 src/caffe/layers/scale_layer.cpp, bias_layer.cpp"},
    rolling=Rolling(0.999, 1.0),
    momentum_convention=Momentum.NONE,
    rolling_ddof=1,
    least_divisor=1,
    initial_rolling_variance=0.0,
    rolling_weight=True,
)  # fmt: skip

MXNET = _framework(
    "mxnet",
    "MXNet's CPU operator with Gluon's defaults: keeps 1/std; the moving statistics change in backward",
    {"*": "apache/mxnet@b84609d3 src/operator/nn/batch_norm.cc (BatchNormForwardImpl, BatchNormBackwardImpl)",
     "rolling_updated_in": "apache/mxnet@b84609d3: 'update running averages' in BatchNormBackwardImpl, the "
                           "variance recovered as 1 / invstd^2 - epsilon",
     "normalize": "mxnet/gluon/nn/basic_layers.py: epsilon 1e-5 (1e-3 for mx.sym.BatchNorm)",
     "initial_rolling_variance": "mxnet/gluon/nn/basic_layers.py: running_variance_initializer='ones'"},
    rolling=_COMPLEMENT,
    saved_statistic=SavedStatistic.INVERSE_STD,
    rolling_updated_in=RollingUpdatedIn.BACKWARD,
)  # fmt: skip

OPENCV = replace(
    DARKNET,
    name="opencv",
    summary="OpenCV before 5 importing DarkNet's files: inference with epsilon 1e-6 inside the root",
    normalize=Epsilon(1e-6, INSIDE),
    routines=False,
    inference_only=True,
    output_form=Form.EITHER,
    sources={
        "*": "opencv/opencv@0587787f modules/dnn/src/darknet/darknet_io.cpp (setBatchNorm: .000001f)",
        "output_form": "opencv/opencv@0587787f modules/dnn/src/layers/batch_norm_layer.cpp (weights_, bias_)",
    },
)

FRAMEWORK_ROWS = (PYTORCH, KERAS, FLAX, ONNX, PADDLE, TENSORFLOW_FUSED, CAFFE, MXNET, OPENCV)
