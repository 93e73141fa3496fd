"""Flax's BatchNorm (linen), forward and gradients by JAX: dialect `flax`."""

from __future__ import annotations

from dataclasses import replace

from darkparity.implementations.objects.flax_module import FlaxModule
from darkparity.implementations.objects.making import ready
from darkparity.implementations.protocol import NotInstalled


class Adapter(FlaxModule):
    """Its default module; `fast` is its default variance, E[x^2] - E[x]^2."""

    fast = True

    def __init__(self, _device: str = "") -> None:
        try:
            from flax import linen
        except ImportError as error:
            raise NotInstalled("pip install 'darkparity[peers]'") from error
        super().__init__(replace(ready(linen.BatchNorm(use_fast_variance=self.fast)), name="flax"))


class TwoPass(Adapter):
    """use_fast_variance=False: `darkparity check darkparity.implementations.adapters.flax:TwoPass`."""

    fast = False
