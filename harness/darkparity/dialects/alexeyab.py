"""Alexey Bochkovskiy's fork (and hank-ai/darknet, which computes the same): CPU, GPU kernels, cuDNN."""

from __future__ import annotations

from .choices import Backward, InferenceBackward, LayerType, SavedStatistic, SavesX
from .constants import INSIDE, OUTSIDE, Epsilon, Rolling
from .dialect import Dialect

_REPO = "AlexeyAB/darknet@59596d78"
_1E5 = Epsilon(1e-5, INSIDE)
_1E6 = Epsilon(1e-6, INSIDE)

ALEXEYAB = Dialect(
    name="alexeyab",
    summary="AlexeyAB/darknet on the CPU: decay .9, no bias gradient, last term's epsilon outside the root",
    normalize=_1E5,
    mean_delta=_1E5,
    variance_delta=_1E5,
    normalize_delta=Epsilon(1e-5, OUTSIDE),
    rolling=Rolling(0.9, 0.1),
    rolling_connected=Rolling(0.95, 0.05),
    saves_x=SavesX.TRAINING,
    inference_backward=InferenceBackward.BATCH,
    bias_gradient=frozenset((LayerType.CONNECTED,)),
    sources={
        "normalize": f"{_REPO} src/blas.c:292 (1e-5 since a34682e6)",
        "variance_ddof": f"{_REPO} src/blas.c:271",
        "rolling": f"{_REPO} src/batchnorm_layer.c:196-199",
        "rolling_connected": f"{_REPO} src/connected_layer.c (forward_connected_layer)",
        "mean_delta": f"{_REPO} src/batchnorm_layer.c:118",
        "variance_delta": f"{_REPO} src/batchnorm_layer.c:133",
        "normalize_delta": f"{_REPO} src/batchnorm_layer.c:143",
        "bias_gradient": f"{_REPO}: lost in 4f72fcc0 (2019-05-10); CONNECTED adds it inline",
        "*": f"{_REPO} src/batchnorm_layer.c:104-223",
    },
)

ALEXEYAB_GPU = Dialect(
    name="alexeyab-gpu",
    summary="AlexeyAB/darknet GPU kernels: biased variance, backward epsilon 1e-6",
    normalize=_1E5,
    mean_delta=_1E6,
    variance_delta=_1E6,
    normalize_delta=Epsilon(1e-6, OUTSIDE),
    variance_ddof=0,
    rolling_ddof=0,
    saves_x=SavesX.TRAINING,
    inference_backward=InferenceBackward.ROLLING_COPIED,
    sources={
        "normalize": f"{_REPO} src/blas_kernels.cu:230",
        "normalize_delta": f"{_REPO} src/blas_kernels.cu:248",
        "variance_delta": f"{_REPO} src/blas_kernels.cu:270,337",
        "mean_delta": f"{_REPO} src/blas_kernels.cu:308,354",
        "variance_ddof": f"{_REPO} src/blas_kernels.cu:605 ('// -1' commented out in 64fb042c)",
        "rolling": f"{_REPO} src/batchnorm_layer.c:331-334",
        "*": f"{_REPO} src/batchnorm_layer.c (forward/backward_batchnorm_layer_gpu)",
    },
)

ALEXEYAB_CUDNN = Dialect(
    name="alexeyab-cudnn",
    summary="AlexeyAB/darknet through cuDNN: inference backward inverts the rolling variance first",
    normalize=_1E5,
    mean_delta=_1E5,
    variance_delta=_1E5,
    normalize_delta=_1E5,
    variance_ddof=0,
    backward=Backward.INVERSE_STD,
    saved_statistic=SavedStatistic.INVERSE_STD,
    saves_x=SavesX.TRAINING,
    saves_x_norm=False,
    inference_backward=InferenceBackward.ROLLING_COPIED,
    routines=False,
    sources={
        "inference_backward": f"{_REPO} src/batchnorm_layer.c (inverse_variance_ongpu, epsilon 1e-5)",
        "rolling_ddof": "cuDNN 9.24 cudnnBatchNormalizationForwardTraining; apache/mxnet#21111",
        "*": f"{_REPO} src/batchnorm_layer.c (forward/backward_batchnorm_layer_gpu, CUDNN)",
    },
)

ALEXEYAB_ROWS = (ALEXEYAB, ALEXEYAB_GPU, ALEXEYAB_CUDNN)
