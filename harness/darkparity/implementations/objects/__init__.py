"""Layers of frameworks as implementations, as they are: a class, an instance, or a function that makes one.

A framework is known by the name of a class that its layers inherit from, so that none is imported to find out.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .layer import FrameworkLayer
from .making import Made, makes, ready


@dataclass(frozen=True)
class Framework:
    """ancestor: what its layers inherit from, `module.Class`. module: here; has `wrap(made) -> FrameworkLayer`."""

    ancestor: str
    module: str

    def wrap(self, made: Made) -> FrameworkLayer:
        """The layer functions of what was given. Raises PortError."""
        wrap: Callable[[Made], FrameworkLayer] = importlib.import_module(f"{__name__}.{self.module}").wrap
        return wrap(made)


#: Keras first: on PyTorch its layers are modules, too.
FRAMEWORKS = (
    Framework("keras.src.layers.layer.Layer", "keras_layer"),
    Framework("torch.nn.modules.module.Module", "torch_module"),
    Framework("flax.linen.module.Module", "flax_module"),
)


def framework_of(target: Any) -> Framework | None:
    """The framework of a layer or of a class of layers; None of anything else."""
    ancestors = getattr(target if isinstance(target, type) else type(target), "__mro__", ())
    names = {f"{cls.__module__}.{cls.__qualname__}" for cls in ancestors}
    return next((row for row in FRAMEWORKS if row.ancestor in names), None)


def wrapped(target: Any) -> FrameworkLayer | None:
    """The layer functions of a framework's layer; None if `target` is none. Raises PortError."""
    if framework_of(target) is None and not makes(target):
        return None
    made = ready(target)
    framework = framework_of(made.example)
    return None if framework is None else framework.wrap(made)


__all__ = ["FRAMEWORKS", "Framework", "FrameworkLayer", "Made", "framework_of", "wrapped"]
