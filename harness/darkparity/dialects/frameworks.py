"""Batch norm as the frameworks define it: the dialects a port to a framework silently changes to."""

from __future__ import annotations

from .dialect import INSIDE, Dialect, Epsilon, Rolling

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

FRAMEWORK_ROWS = (PYTORCH,)
