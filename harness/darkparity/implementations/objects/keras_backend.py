"""The backend that Keras computes with."""

from __future__ import annotations

import os
from importlib.util import find_spec


def choose_backend() -> None:
    """Keras insists on TensorFlow unless told otherwise; take what is installed."""
    found = (name for name in ("jax", "torch", "tensorflow") if find_spec(name) is not None)
    os.environ.setdefault("KERAS_BACKEND", next(found, "tensorflow"))
