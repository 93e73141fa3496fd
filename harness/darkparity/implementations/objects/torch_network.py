"""The batch norms of a PyTorch network, each asked alone with the state that it holds."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from darkparity.implementations.binding import PortError

from . import framework_of
from .layer import STATE
from .torch_module import back, batch_norms, of_channels, tensors_of


@dataclass(frozen=True)
class TorchBatchNorm:
    """name: its path in the network. module: itself; never changed."""

    name: str
    module: Any

    @cached_property
    def _own(self) -> dict[str, str]:
        return tensors_of(self.module)

    @cached_property
    def state(self) -> Mapping[str, np.ndarray]:
        """scales, biases and rolling statistics by DarkNet's names, (channels,)."""
        return {name: of_channels(getattr(self.module, own)) for name, own in self._own.items()}

    def forward(self, x: np.ndarray, shape: tuple[int, int, int, int], train: bool) -> dict[str, np.ndarray]:
        """`output`, and in training the rolling statistics afterwards. Raises PortError.

        x: (batch, channels, spatial); shape: of the image batch that it is.
        """
        import torch

        module = copy.deepcopy(self.module).train(train)
        device = getattr(module, self._own["scales"]).device
        try:
            with torch.no_grad():
                out = back(module(torch.from_numpy(x.reshape(shape).copy()).to(device))).reshape(x.shape)
        except Exception as error:
            raise PortError(
                f"{self.name} raised {type(error).__name__} on an input of shape {shape}: {error}"
            ) from error
        moved = {n: of_channels(getattr(module, self._own[n])) for n in STATE[2:]} if train else {}
        return {"output": out, **moved}


def batch_norms_of(target: Any, name: str) -> list[TorchBatchNorm]:
    """Those of a module, or of what a function without arguments makes, in order of definition. Raises PortError."""
    network = target
    if framework_of(target) is None or isinstance(target, type):
        if not callable(target):
            raise PortError(
                f"{name} is a {type(target).__name__}, needs a torch.nn.Module or a function that makes one"
            )
        try:
            network = target()
        except Exception as error:
            raise PortError(f"{name}() raised {type(error).__name__}: {error}") from error
    if not hasattr(network, "named_modules"):
        raise PortError(f"{name}() made a {type(network).__name__}, needs a torch.nn.Module")
    return [TorchBatchNorm(path, network.get_submodule(path)) for path in batch_norms(network)]
