"""Keras 3's BatchNormalization, forward in both modes, on the backend of KERAS_BACKEND: dialect `keras`."""

from __future__ import annotations

from dataclasses import replace

from darkparity.implementations.objects.keras_backend import choose_backend
from darkparity.implementations.objects.keras_layer import KerasLayer
from darkparity.implementations.objects.making import ready
from darkparity.implementations.protocol import NotInstalled


class Adapter(KerasLayer):
    """Its default layer, channels first."""

    def __init__(self, _device: str = "") -> None:
        choose_backend()
        try:
            import keras
        except ImportError as error:  # a backend that is missing is an ImportError too
            raise NotInstalled(f"pip install 'darkparity[peers]'  ({error})") from error
        super().__init__(replace(ready(keras.layers.BatchNormalization(axis=1)), name="keras"))
