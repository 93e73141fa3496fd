"""A Keras layer as it is, forward only: gradients are the backend's, which differ in how they are asked."""

from __future__ import annotations

from typing import Any

import numpy as np

from darkparity.dialects import Dialect
from darkparity.implementations.binding import PortError

from .layer import FrameworkLayer, Parameters
from .making import Made


def wrap(made: Made) -> FrameworkLayer:
    """The layer's functions. Raises PortError where it is no batch norm with gamma and beta."""
    config = made.example.get_config()
    if not {"epsilon", "momentum", "axis"} <= config.keys():
        raise PortError(f"{made.name} is no batch norm: its config has no epsilon, momentum and axis")
    if not (config.get("center", True) and config.get("scale", True)):
        raise PortError(f"{made.name} has no {'beta' if config.get('scale', True) else 'gamma'}: make it with both")
    return KerasLayer(made)


class KerasLayer(FrameworkLayer):
    """One layer object per call, made from the config of the given one."""

    def __init__(self, made: Made) -> None:
        import keras

        self._made, self._config = made, made.example.get_config()
        axis = self._config["axis"]
        self._axis = axis[0] if isinstance(axis, list | tuple) else axis
        row = Dialect.based_on("keras", epsilon=self._config["epsilon"], momentum=self._config["momentum"])
        details = f"{type(made.example).__qualname__} as {row}, axis {self._axis}, backend {keras.backend.backend()}"
        super().__init__(made.name, row, str(keras.__version__), details)

    def forward(self, train: bool, x: np.ndarray, given: Parameters) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The layer with its channels on the axis that it normalizes."""
        moved = x[:, :, None, :] if self._axis == 1 else np.moveaxis(x[:, :, None, :], 1, -1)
        layer = type(self._made.example).from_config(self._config)
        layer.build(moved.shape)
        layer.set_weights([given.scales, given.biases, given.rolling_mean, given.rolling_variance])
        out = _back(layer(np.ascontiguousarray(moved), training=train))
        out = out if self._axis == 1 else np.moveaxis(out, -1, 1)
        return np.ascontiguousarray(out[:, :, 0]), _back(layer.moving_mean), _back(layer.moving_variance)


def _back(tensor: Any) -> np.ndarray:
    from keras import ops

    return np.array(ops.convert_to_numpy(tensor), np.float32)
