"""Joseph Redmon's DarkNet: CPU code (the default), GPU kernels, cuDNN path."""

from __future__ import annotations

from .choices import Backward, InferenceBackward, SavedStatistic
from .constants import INSIDE, OUTSIDE, Epsilon
from .dialect import Dialect

_REPO = "pjreddie/darknet@f6afaabc"
_1E5 = Epsilon(1e-5, INSIDE)

DARKNET = Dialect(
    name="darknet",
    summary="pjreddie/darknet on the CPU: the reference of this harness",
    normalize=Epsilon(1e-6, OUTSIDE),
    mean_delta=_1E5,
    variance_delta=_1E5,
    normalize_delta=_1E5,
    sources={
        "normalize": f"{_REPO} src/blas.c:154",
        "variance_ddof": f"{_REPO} src/blas.c:112",
        "rolling": f"{_REPO} src/batchnorm_layer.c:143-146",
        "mean_delta": f"{_REPO} src/batchnorm_layer.c:99",
        "variance_delta": f"{_REPO} src/batchnorm_layer.c:114",
        "normalize_delta": f"{_REPO} src/batchnorm_layer.c:124",
        "*": f"{_REPO} src/batchnorm_layer.c:135-179",
    },
)

DARKNET_GPU = Dialect(
    name="darknet-gpu",
    summary="pjreddie/darknet GPU kernels: forward epsilon 1e-5 inside the root",
    normalize=_1E5,
    mean_delta=_1E5,
    variance_delta=_1E5,
    normalize_delta=_1E5,
    sources={
        "normalize": f"{_REPO} src/blas_kernels.cu:200",
        "normalize_delta": f"{_REPO} src/blas_kernels.cu:209",
        "variance_delta": f"{_REPO} src/blas_kernels.cu:231,300",
        "mean_delta": f"{_REPO} src/blas_kernels.cu:270,317",
        "variance_ddof": f"{_REPO} src/blas_kernels.cu:556",
        "rolling": f"{_REPO} src/batchnorm_layer.c:218-221",
        "*": f"{_REPO} src/batchnorm_layer.c (forward/backward_batchnorm_layer_gpu)",
    },
)

DARKNET_CUDNN = Dialect(
    name="darknet-cudnn",
    summary="pjreddie/darknet through cuDNN: inference backward takes rolling_variance for 1/std",
    normalize=_1E5,
    mean_delta=_1E5,
    variance_delta=_1E5,
    normalize_delta=_1E5,
    variance_ddof=0,
    backward=Backward.INVERSE_STD,
    saved_statistic=SavedStatistic.INVERSE_STD,
    saves_x_norm=False,
    inference_backward=InferenceBackward.ROLLING_AS_INVERSE_STD,
    routines=False,
    sources={
        "inference_backward": f"{_REPO} src/batchnorm_layer.c (rolling_variance_gpu passed as savedInvVariance)",
        "rolling_ddof": "cuDNN 9.24 cudnnBatchNormalizationForwardTraining; apache/mxnet#21111",
        "*": f"{_REPO} src/batchnorm_layer.c (forward/backward_batchnorm_layer_gpu, CUDNN)",
    },
)

DARKNET_ROWS = (DARKNET, DARKNET_GPU, DARKNET_CUDNN)
