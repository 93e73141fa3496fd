"""Keras 3's BatchNormalization, forward in both modes, on the backend of KERAS_BACKEND: dialect `keras`."""

from __future__ import annotations

from typing import Any

import numpy as np

from darkparity.dialects import DIALECTS
from darkparity.implementations.objects.keras_backend import choose_backend
from darkparity.implementations.protocol import NotInstalled

ROW = DIALECTS["keras"]


class Adapter:
    """One layer object per call."""

    def __init__(self, _device: str = "") -> None:
        choose_backend()
        try:
            import keras
        except ImportError as error:  # a backend that is missing is an ImportError too
            raise NotInstalled(f"pip install 'darkparity[peers]'  ({error})") from error
        self._keras = keras
        details = f"layers.BatchNormalization, backend {keras.backend.backend()}"
        self.DARKPARITY = dict(name="keras", dialect=ROW.name,
                               version=str(keras.__version__), details=details)  # fmt: skip

    def forward_batchnorm_layer(self, type: str, train: bool, input: np.ndarray, output: np.ndarray,
                                x_norm: np.ndarray, scales: np.ndarray, biases: np.ndarray, mean: np.ndarray,
                                variance: np.ndarray, rolling_mean: np.ndarray, rolling_variance: np.ndarray
                                ) -> dict[str, np.ndarray]:  # fmt: skip
        """Output and moving statistics; the batch's own are not observed: the layer keeps them to itself."""
        start = input if type == "BATCHNORM" else output
        layer = self._layer(start, [scales, biases, rolling_mean, rolling_variance])
        out = _back(layer(start, training=train))
        moved = {"rolling_mean": _back(layer.moving_mean), "rolling_variance": _back(layer.moving_variance)}
        unread = {} if train else {"x_norm": x_norm, "mean": mean, "variance": variance}
        return {"output": out, "x": start, **moved, **unread}

    def _layer(self, x: np.ndarray, weights: list[np.ndarray]) -> Any:
        layer = self._keras.layers.BatchNormalization(axis=1, momentum=ROW.rolling.decay,
                                                      epsilon=ROW.normalize.value)  # fmt: skip
        layer.build(x.shape)
        layer.set_weights(weights)
        return layer


def _back(tensor: Any) -> np.ndarray:
    from keras import ops

    return np.array(ops.convert_to_numpy(tensor))
