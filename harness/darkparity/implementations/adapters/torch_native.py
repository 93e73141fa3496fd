"""PyTorch's own batch norm, as torch.nn.functional.batch_norm reaches it: dialect `pytorch`, any device.

Its CPU kernel writes y = alpha x + beta with alpha = scale / std, which the dialect allows. What the operator
keeps for itself, the batch variance, is read with torch.var_mean.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from darkparity.dialects import DIALECTS
from darkparity.implementations.protocol import NotInstalled
from darkparity.implementations.shipped.torch_port import usable_device

if TYPE_CHECKING:
    from torch import Tensor

ROW = DIALECTS["pytorch"]


class Adapter:
    """forward_ and backward_batchnorm_layer through torch.native_batch_norm and its backward."""

    def __init__(self, device: str = "") -> None:
        try:
            import torch
        except ImportError as error:
            raise NotInstalled("pip install 'darkparity[torch]'") from error
        self._torch, self._device = torch, usable_device(torch, device or "cpu")
        name = "torch-native" + (f"@{device}" if device else "")
        details = f"torch.native_batch_norm on {self._device}"
        self.DARKPARITY = dict(name=name, dialect=ROW.name,
                               version=str(torch.__version__), details=details)  # fmt: skip

    def forward_batchnorm_layer(self, type: str, train: bool, input: np.ndarray, output: np.ndarray,
                                x_norm: np.ndarray, scales: np.ndarray, biases: np.ndarray, mean: np.ndarray,
                                variance: np.ndarray, rolling_mean: np.ndarray, rolling_variance: np.ndarray
                                ) -> dict[str, np.ndarray]:  # fmt: skip
        """Output and rolling statistics as the operator leaves them."""
        start = input if type == "BATCHNORM" else output
        x, gamma, beta, rolling, spread = map(self._moved, (start, scales, biases, rolling_mean, rolling_variance))
        out, save_mean, _ = self._torch.native_batch_norm(
            x, gamma, beta, rolling, spread, train, ROW.rolling.gain, ROW.normalize.value
        )
        found = {"output": _back(out), "rolling_mean": _back(rolling), "rolling_variance": _back(spread)}
        kept = {"x": start, "x_norm": x_norm, "mean": mean, "variance": variance}
        if train:
            biased, _ = self._torch.var_mean(x, dim=(0, 2), correction=0)
            kept |= {"mean": _back(save_mean), "variance": _back(biased)}
        return found | kept

    def backward_batchnorm_layer(self, type: str, train: bool, delta: np.ndarray, x: np.ndarray,
                                 scales: np.ndarray, mean: np.ndarray, variance: np.ndarray,
                                 rolling_mean: np.ndarray, rolling_variance: np.ndarray,
                                 bias_updates: np.ndarray, scale_updates: np.ndarray
                                 ) -> dict[str, np.ndarray]:  # fmt: skip
        """Gradients; the updates are added to what was there, as autograd adds to `.grad`."""
        moved = {name: self._moved(array) for name, array in
                 dict(delta=delta, x=x, scales=scales, mean=mean, rolling_mean=rolling_mean,
                      rolling_variance=rolling_variance).items()}  # fmt: skip
        invstd = self._moved(variance).add(ROW.normalize.value).rsqrt()
        dx, dscale, dbias = self._torch.ops.aten.native_batch_norm_backward(
            moved["delta"], moved["x"], moved["scales"], moved["rolling_mean"], moved["rolling_variance"],
            moved["mean"], invstd, train, ROW.normalize.value, [True, True, True],
        )  # fmt: skip
        updates = {
            "scale_updates": scale_updates + _back(dscale),
            "bias_updates": bias_updates + _back(dbias),
        }
        state = {"mean": mean, "variance": variance, "rolling_mean": rolling_mean,
                 "rolling_variance": rolling_variance}  # fmt: skip
        propagated = {"net_delta": _back(dx)} if type == "BATCHNORM" else {}
        return {"delta": _back(dx), **updates, **state, **propagated}

    def _moved(self, array: np.ndarray) -> Any:
        return self._torch.from_numpy(array.copy()).to(self._device)


def _back(tensor: Tensor) -> np.ndarray:
    array: np.ndarray = tensor.detach().cpu().numpy()
    return array
